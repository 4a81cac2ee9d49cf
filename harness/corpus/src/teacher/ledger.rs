//! The account of a job: what is spent, and what requests under way may still take.

use super::{Budget, Spending};

/// Tokens of a prompt and of its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tokens {
    pub prompt: u64,
    pub answer: u64,
}

/// Spent and reserved tokens. A request is reserved for at the most that it may take before it is sent, so that requests
/// under way together can't go beyond the budget.
#[derive(Debug)]
pub(super) struct Ledger {
    budget: Budget,
    spent: Tokens,
    reserved: Tokens,
    under_way: usize,
    is_closed: bool,
    /// How far a prompt had more tokens than was reckoned, at the worst.
    worst: f64,
    spending: Spending,
}

/// Whether a request may be sent.
pub(super) enum Admission {
    /// It may, with these tokens reserved.
    Granted(Tokens),
    /// Not until another one has ended.
    Later,
    /// The budget is spent.
    Spent,
}

impl Ledger {
    pub fn new(budget: Budget) -> Ledger {
        let (spent, reserved) = (Tokens::default(), Tokens::default());
        Ledger { budget, spent, reserved, under_way: 0, is_closed: false, worst: 1.0, spending: Spending::default() }
    }

    /// Reserves for a request that is reckoned to take so many tokens at most.
    pub fn admit(&mut self, reckoned: Tokens) -> Admission {
        if self.is_closed {
            return Admission::Spent;
        }
        let wanted = Tokens { prompt: (reckoned.prompt as f64 * self.worst).ceil() as u64, ..reckoned };
        let prompt = self.spent.prompt + self.reserved.prompt + wanted.prompt;
        let answer = self.spent.answer + self.reserved.answer + wanted.answer;
        if self.budget.allows(prompt, answer) {
            self.reserved.prompt += wanted.prompt;
            self.reserved.answer += wanted.answer;
            self.under_way += 1;
            return Admission::Granted(wanted);
        }
        if self.under_way > 0 {
            return Admission::Later;
        }
        // Shorter questions might still fit; but then what is labelled would depend on length.
        self.is_closed = true;
        Admission::Spent
    }

    /// Ends a reservation, with what the request took where it was answered.
    pub fn settle(&mut self, reserved: Tokens, reckoned: Tokens, taken: Option<Tokens>, is_told: bool) {
        self.reserved.prompt -= reserved.prompt;
        self.reserved.answer -= reserved.answer;
        self.under_way -= 1;
        let Some(taken) = taken else { return };
        self.worst = self.worst.max(taken.prompt as f64 / reckoned.prompt.max(1) as f64);
        self.spent.prompt += taken.prompt;
        self.spent.answer += taken.answer;
        self.spending.asked += 1;
        self.spending.reckoned += u64::from(!is_told);
        self.spending.prompt_tokens += taken.prompt;
        self.spending.answer_tokens += taken.answer;
        self.spending.cost += self.budget.prices.of(taken.prompt, taken.answer);
    }

    /// Counts an answer that an earlier run paid for.
    pub fn count_earlier(&mut self, taken: Tokens) {
        self.spent.prompt += taken.prompt;
        self.spent.answer += taken.answer;
        self.spending.kept += 1;
        self.spending.earlier_tokens += taken.prompt + taken.answer;
        self.spending.earlier_cost += self.budget.prices.of(taken.prompt, taken.answer);
    }

    pub fn spending(&self) -> Spending {
        self.spending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::teacher::Prices;

    const TEN: Tokens = Tokens { prompt: 6, answer: 4 };

    fn ledger(max_tokens: Option<u64>, max_cost: Option<f64>) -> Ledger {
        Ledger::new(Budget { prices: Prices { input_per_million: 1e6, output_per_million: 2e6 }, max_tokens, max_cost })
    }

    #[test]
    fn requests_under_way_together_never_go_beyond_the_budget() {
        for mut ledger in [ledger(Some(25), None), ledger(None, Some(30.0))] {
            let admitted: Vec<bool> = (0..3).map(|_| matches!(ledger.admit(TEN), Admission::Granted(_))).collect();
            assert_eq!(admitted, [true, true, false]);
            assert!(matches!(ledger.admit(TEN), Admission::Later));
            // What was reserved and not taken is free again: one token, or one unit of money, was taken of the first.
            ledger.settle(TEN, TEN, Some(Tokens { prompt: 1, answer: 0 }), true);
            assert!(matches!(ledger.admit(TEN), Admission::Granted(_)));
        }
    }

    #[test]
    fn what_earlier_runs_paid_counts_and_a_spent_budget_stays_spent() {
        let mut ledger = ledger(Some(25), None);
        ledger.count_earlier(Tokens { prompt: 10, answer: 10 });
        assert!(matches!(ledger.admit(TEN), Admission::Spent));
        assert!(matches!(ledger.admit(Tokens { prompt: 1, answer: 1 }), Admission::Spent));
        assert_eq!((ledger.spending().earlier_tokens, ledger.spending().earlier_cost), (20, 30.0));
    }

    #[test]
    fn a_tokenizer_that_needs_more_tokens_than_reckoned_is_learnt_of() {
        let mut ledger = ledger(Some(40), None);
        let Admission::Granted(reserved) = ledger.admit(TEN) else { panic!("it fits") };
        ledger.settle(reserved, TEN, Some(Tokens { prompt: 18, answer: 4 }), true);
        // The next one is reckoned at 18 + 4 too: 44 in all.
        assert!(matches!(ledger.admit(TEN), Admission::Spent));
    }
}
