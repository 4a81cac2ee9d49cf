//! Questions whose answer is a program: the greedy one for `pass@1`, drawn ones for `pass@k,sampled`.

use super::{Answers, Fault, Run, seed_of};
use crate::grade::{Grade, GradeResult, Grader, Program, grade_all};
use crate::stats::pass_at_k;
use crate::task::Question;
use crate::{Prompt, Response, Sample, Sampling, SuiteError};

pub(super) fn answer(run: &Run<'_>, questions: &[Question], grader: &dyn Grader) -> Result<Answers, SuiteError> {
    let (max_tokens, capped_max_tokens) = run.max_tokens();
    let prompts: Vec<Prompt> = questions
        .iter()
        .flat_map(|question| samplings(run, question).map(|sampling| run.prompt(question, max_tokens, sampling)))
        .collect();
    let total = prompts.len() * 2;
    let (completions, truncated_requests) = run.generate(&prompts, total)?;

    let per_question = prompts.len() / questions.len().max(1);
    let mut programs: Vec<Program> = Vec::new();
    // Greedy programs under the weaker test, where there is one; they are graded after all others.
    let mut weaker: Vec<Program> = Vec::new();
    for (i, completion) in completions.iter().enumerate() {
        let question = &questions[i / per_question];
        let solution = run.task.program(question.doc_id, &completion.text)?;
        if let (0, Some(test)) = (i % per_question, &question.base_test) {
            weaker.push(Program { solution: solution.clone(), test: test.clone() });
        }
        programs.push(Program { solution, test: question.target.clone() });
    }
    programs.append(&mut weaker);
    let mut grades = grade_all(grader, &programs, run.options.threads, &|done, different| {
        // Equal programs run once, so the pieces of work are spread over the different ones.
        (run.progress)(prompts.len() + prompts.len() * done / different.max(1), total);
    });

    let weaker = grades.split_off(completions.len());
    let mut answers = Answers { samples: Vec::new(), truncated_requests, capped_max_tokens, faults: Vec::new() };
    for (i, question) in questions.iter().enumerate() {
        let own = i * per_question..(i + 1) * per_question;
        let grades = &grades[own.clone()];
        let mut sample = run.sample(question);
        measure(run, &mut sample, grades);
        if let Some(grade) = weaker.get(i) {
            measure_greedy(&mut sample, "pass@1,base", grade);
        }
        for (response, (completion, grade)) in completions[own].iter().zip(grades).enumerate() {
            if grade.result == GradeResult::Fault {
                answers.faults.push(Fault { key: question.key.clone(), response, detail: grade.detail.clone() });
            }
            sample.responses.push(Response {
                text: completion.text.clone(),
                log_likelihood: None,
                is_greedy: None,
                verdict: Some(grade.verdict.clone()),
                detail: (grade.result != GradeResult::Passed).then(|| grade.detail.clone()),
            });
        }
        answers.samples.push(sample);
    }
    Ok(answers)
}

/// How the programs of one question are written: one greedily, then the drawn ones.
fn samplings<'a>(run: &'a Run<'_>, question: &'a Question) -> impl Iterator<Item = Sampling> + 'a {
    let drawn = run.options.sampled.iter().flat_map(move |sampled| {
        (0..sampled.n_samples).map(move |index| Sampling::Nucleus {
            temperature: sampled.temperature,
            top_p: sampled.top_p,
            seed: seed_of(run.options.seed, run.task.task().name(), &question.key, index),
        })
    });
    std::iter::once(Sampling::Greedy).chain(drawn)
}

/// Sets the metrics that every one of whose programs was judged.
fn measure(run: &Run<'_>, sample: &mut Sample, grades: &[Grade]) {
    let Some((greedy, drawn)) = grades.split_first() else { return };
    measure_greedy(sample, "pass@1", greedy);
    let Some(sampled) = &run.options.sampled else { return };
    if drawn.iter().any(|grade| grade.result == GradeResult::Fault) {
        return;
    }
    let passed = drawn.iter().filter(|grade| grade.result == GradeResult::Passed).count();
    for &k in &sampled.ks {
        if let Some(value) = pass_at_k(drawn.len(), passed, k) {
            sample.metrics.insert(format!("pass@{k},sampled"), value);
        }
    }
}

fn measure_greedy(sample: &mut Sample, metric: &str, grade: &Grade) {
    if grade.result != GradeResult::Fault {
        let passed = grade.result == GradeResult::Passed;
        sample.metrics.insert(metric.to_owned(), f64::from(u8::from(passed)));
    }
}
