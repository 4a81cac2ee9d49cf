//! The tasks that come with this crate.

use super::Task;
use super::source::TaskSource;
use crate::SuiteError;

/// Every task that has a file of its own, by name.
const FILES: &[(&str, &str)] = &[
    ("arc_challenge", include_str!("../../tasks/arc_challenge.yaml")),
    ("arc_easy", include_str!("../../tasks/arc_easy.yaml")),
    ("boolq", include_str!("../../tasks/boolq.yaml")),
    ("code_exercises", include_str!("../../tasks/code_exercises.yaml")),
    ("code_exercises_bits", include_str!("../../tasks/code_exercises_bits.yaml")),
    ("commonsense_qa", include_str!("../../tasks/commonsense_qa.yaml")),
    ("copa", include_str!("../../tasks/copa.yaml")),
    ("gsm8k", include_str!("../../tasks/gsm8k.yaml")),
    ("gsm8k_code", include_str!("../../tasks/gsm8k_code.yaml")),
    ("gsm8k_cot", include_str!("../../tasks/gsm8k_cot.yaml")),
    ("gsm8k_cot_zeroshot", include_str!("../../tasks/gsm8k_cot_zeroshot.yaml")),
    ("hellaswag", include_str!("../../tasks/hellaswag.yaml")),
    ("hellaswag_text", include_str!("../../tasks/hellaswag_text.yaml")),
    ("humaneval", include_str!("../../tasks/humaneval.yaml")),
    ("humaneval_plus", include_str!("../../tasks/humaneval_plus.yaml")),
    ("lambada_openai", include_str!("../../tasks/lambada_openai.yaml")),
    ("math500", include_str!("../../tasks/math500.yaml")),
    ("mbpp", include_str!("../../tasks/mbpp.yaml")),
    ("mbpp_sanitized", include_str!("../../tasks/mbpp_sanitized.yaml")),
    ("openbookqa", include_str!("../../tasks/openbookqa.yaml")),
    ("piqa", include_str!("../../tasks/piqa.yaml")),
    ("social_iqa", include_str!("../../tasks/social_iqa.yaml")),
    ("squad", include_str!("../../tasks/squad.yaml")),
    ("svamp", include_str!("../../tasks/svamp.yaml")),
    ("truthfulqa_mc1", include_str!("../../tasks/truthfulqa_mc1.yaml")),
    ("truthfulqa_mc2", include_str!("../../tasks/truthfulqa_mc2.yaml")),
    ("winogrande", include_str!("../../tasks/winogrande.yaml")),
];

/// One file for many tasks that differ in their subject only: [`SUBJECT`] stands for it, and [`SUBJECT_WORDS`] for the same
/// with spaces.
struct Family {
    prefix: &'static str,
    yaml: &'static str,
    subjects: &'static [&'static str],
}

const SUBJECT: &str = "<subject>";
const SUBJECT_WORDS: &str = "<subject words>";

const MMLU: Family = Family {
    prefix: "mmlu_",
    yaml: include_str!("../../tasks/mmlu.yaml"),
    subjects: &[
        "abstract_algebra",
        "anatomy",
        "astronomy",
        "business_ethics",
        "clinical_knowledge",
        "college_biology",
        "college_chemistry",
        "college_computer_science",
        "college_mathematics",
        "college_medicine",
        "college_physics",
        "computer_security",
        "conceptual_physics",
        "econometrics",
        "electrical_engineering",
        "elementary_mathematics",
        "formal_logic",
        "global_facts",
        "high_school_biology",
        "high_school_chemistry",
        "high_school_computer_science",
        "high_school_european_history",
        "high_school_geography",
        "high_school_government_and_politics",
        "high_school_macroeconomics",
        "high_school_mathematics",
        "high_school_microeconomics",
        "high_school_physics",
        "high_school_psychology",
        "high_school_statistics",
        "high_school_us_history",
        "high_school_world_history",
        "human_aging",
        "human_sexuality",
        "international_law",
        "jurisprudence",
        "logical_fallacies",
        "machine_learning",
        "management",
        "marketing",
        "medical_genetics",
        "miscellaneous",
        "moral_disputes",
        "moral_scenarios",
        "nutrition",
        "philosophy",
        "prehistory",
        "professional_accounting",
        "professional_law",
        "professional_medicine",
        "professional_psychology",
        "public_relations",
        "security_studies",
        "sociology",
        "us_foreign_policy",
        "virology",
        "world_religions",
    ],
};

impl Family {
    fn source(&self, subject: &str) -> Result<TaskSource, SuiteError> {
        let yaml = self.yaml.replace(SUBJECT_WORDS, &subject.replace('_', " ")).replace(SUBJECT, subject);
        TaskSource::parse(&format!("{}{subject}", self.prefix), &yaml)
    }
}

/// The keys of the built-in task of this name, if there is one.
pub(super) fn source(name: &str) -> Option<TaskSource> {
    if let Some((name, yaml)) = FILES.iter().find(|(known, _)| *known == name) {
        return TaskSource::parse(&format!("{name}.yaml"), yaml).ok();
    }
    let subject = name.strip_prefix(MMLU.prefix).filter(|subject| MMLU.subjects.contains(subject))?;
    MMLU.source(subject).ok()
}

/// Fifty-seven names would bury the others, so one line stands for all subjects.
fn unknown(name: &str) -> SuiteError {
    let mut known: Vec<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
    known.push(format!("{}SUBJECT for {} subjects", MMLU.prefix, MMLU.subjects.len()));
    SuiteError::UnknownTask { name: name.to_owned(), known }
}

impl Task {
    /// The built-in task of this name.
    ///
    /// # Errors
    /// [`SuiteError::UnknownTask`] names the tasks that there are.
    pub fn builtin(name: &str) -> Result<Self, SuiteError> {
        Self::from_source(source(name).ok_or_else(|| unknown(name))?, None, None)
    }

    /// The name of every built-in task, in the order of listings.
    #[must_use]
    pub fn names() -> Vec<String> {
        let mut names: Vec<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.extend(MMLU.subjects.iter().map(|subject| format!("{}{subject}", MMLU.prefix)));
        names.sort_unstable();
        names
    }

    /// Every built-in task, by name.
    ///
    /// # Panics
    /// Never: the built-in files are tested.
    #[must_use]
    pub fn all() -> Vec<Self> {
        Self::names().iter().map(|name| Self::builtin(name).expect("built-in task files are valid")).collect()
    }
}
