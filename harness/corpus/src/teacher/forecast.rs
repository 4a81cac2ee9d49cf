//! What a job will cost.

use serde::Serialize;

use super::{Budget, Question, Teacher};

/// What a job will cost, reckoned before anything is asked: prompts at three bytes a token, which is cautious for English and
/// about right for code, and answers of a usual length. Answers that are kept are counted as spent with it,
/// so that a job which goes on knows from the beginning what is left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Forecast {
    /// Questions of the job.
    pub questions: u64,
    /// Of these, answered already.
    pub answered: u64,
    /// Tokens of the prompts that are still to be sent.
    pub prompt_tokens: u64,
    /// Tokens of their answers.
    pub answer_tokens: u64,
    /// What the rest costs.
    pub cost: f64,
    /// Tokens that earlier runs paid for.
    pub earlier_tokens: u64,
    /// What they cost.
    pub earlier_cost: f64,
}

impl Forecast {
    /// Counts a question, whose answer usually has so many tokens.
    pub fn add(&mut self, teacher: &Teacher, question: &Question, usual_answer: u64) {
        if teacher.paid_for(question).is_some() {
            return self.add_answered(teacher, question);
        }
        let reckoned = question.reckoned();
        let answer = usual_answer.min(reckoned.answer);
        self.questions += 1;
        self.prompt_tokens += reckoned.prompt;
        self.answer_tokens += answer;
        self.cost += teacher.budget().prices.of(reckoned.prompt, answer);
    }

    /// Counts a question whose answer isn't needed any more.
    pub fn add_answered(&mut self, teacher: &Teacher, question: &Question) {
        let prices = teacher.budget().prices;
        let taken = teacher.paid_for(question).unwrap_or_default();
        self.questions += 1;
        self.answered += 1;
        self.earlier_tokens += taken.prompt + taken.answer;
        self.earlier_cost += prices.of(taken.prompt, taken.answer);
    }

    /// Whether the whole job fits into a budget.
    #[must_use]
    pub fn fits(&self, budget: &Budget) -> bool {
        let tokens = self.earlier_tokens + self.prompt_tokens + self.answer_tokens;
        budget.max_tokens.is_none_or(|most| tokens <= most)
            && budget.max_cost.is_none_or(|most| self.earlier_cost + self.cost <= most)
    }
}
