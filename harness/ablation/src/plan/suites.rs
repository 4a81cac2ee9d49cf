//! Which suites can be run here, and on what exactly.

use crate::AblationError;
use crate::recipe::{Recipe, Suite};
use crate::step::hex;
use phi_reports::LeftOut;
use phi_suites::{DataRoot, LoadedTask, SuiteError, Task};
use sha2::{Digest, Sha256};

/// The tasks whose questions are the corpus' own held-out exercises: to be solved, and to be found likely.
const OF_THE_CORPUS: [&str; 2] = ["code_exercises", "code_exercises_bits"];

/// Whether a task's questions are the corpus' own held-out exercises.
pub(crate) fn is_of_the_corpus(task: &str) -> bool {
    OF_THE_CORPUS.contains(&task)
}

/// A suite whose data are here.
pub(super) struct Available<'r> {
    pub suite: &'r Suite,
    /// Hash of its questions.
    pub data_hash: String,
    pub questions: usize,
    /// Whether answers are programs that are run.
    pub is_code: bool,
}

/// The suites whose data are here, and those that must be left out.
pub(super) fn available<'r>(
    recipe: &'r Recipe,
    data: &DataRoot,
) -> Result<(Vec<Available<'r>>, Vec<LeftOut>), AblationError> {
    let (mut here, mut left_out) = (Vec::new(), Vec::new());
    for suite in &recipe.suites {
        let task = Task::builtin(&suite.task)?;
        let is_code = task.is_code();
        if is_of_the_corpus(&suite.task) {
            here.push(Available { suite, data_hash: String::new(), questions: recipe.corpus.held_out, is_code });
            continue;
        }
        match task.load(data) {
            Ok(loaded) => {
                let (data_hash, questions) = digest(&loaded, suite)?;
                here.push(Available { suite, data_hash, questions, is_code });
            }
            Err(SuiteError::LeftOut(l)) => left_out.push(LeftOut { task: l.task, why: l.reason, how: l.remedy }),
            Err(e) => return Err(e.into()),
        }
    }
    Ok((here, left_out))
}

fn digest(task: &LoadedTask, suite: &Suite) -> Result<(String, usize), AblationError> {
    let questions = task.questions(suite.num_fewshot, suite.limit)?;
    // Requests and right answers both: a mended answer changes the score.
    let mut hasher = Sha256::new();
    for question in &questions {
        hasher.update(format!("{question:?}"));
    }
    Ok((hex(&hasher.finalize()), questions.len()))
}
