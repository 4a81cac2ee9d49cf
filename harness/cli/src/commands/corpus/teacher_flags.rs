//! The flags of a job that a language model does: which one, and what it may cost.

use crate::exit::UsageError;
use crate::request_flags::RequestFlags;
use crate::{interrupt, printer};
use clap::Args;
use phi_corpus::teacher::{Budget, Forecast, Prices, Spending, Teacher, TeacherOptions};
use phi_openai::{Client, Endpoint};
use phi_sandbox::default_cache_dir;
use std::path::PathBuf;

/// Which model does the job, and what it may cost.
#[derive(Debug, Args)]
#[command(next_help_heading = "Model behind a server")]
pub struct TeacherFlags {
    /// Let a model do it, behind an OpenAI-compatible server (http://localhost:8000/v1); OPENAI_API_KEY is sent if it is set.
    #[arg(long, value_name = "URL", requires = "model")]
    server: Option<String>,
    /// The model's name, as the server knows it.
    #[arg(long, value_name = "NAME", requires = "server")]
    model: Option<String>,
    /// Price of a million tokens of prompts.
    #[arg(long, value_name = "X", requires = "server", value_parser = price)]
    price_in: Option<f64>,
    /// Price of a million tokens of answers.
    #[arg(long, value_name = "X", requires = "server", value_parser = price)]
    price_out: Option<f64>,
    /// Cost at most, of all runs of this job together.
    #[arg(long, value_name = "X", requires_all = ["price_in", "price_out"], value_parser = price)]
    max_cost: Option<f64>,
    /// Tokens of prompts and answers at most, of all runs of this job together.
    #[arg(long, value_name = "N", requires = "server")]
    max_tokens_total: Option<u64>,
    /// How often a question is put whose answer can't be used.
    #[arg(long, value_name = "N", requires = "server", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    max_attempts: u32,
    /// Keep answers in this folder [default: teacher/ below PHI_BENCH_HOME].
    #[arg(long, value_name = "DIR", requires = "server")]
    cache: Option<PathBuf>,
    /// Say what the job will cost, and ask nothing.
    #[arg(long, requires = "server")]
    dry_run: bool,
    #[command(flatten)]
    requests: RequestFlags,
}

fn price(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(price) if price.is_finite() && price >= 0.0 => Ok(price),
        _ => Err("it must be a number that isn't negative".to_owned()),
    }
}

impl TeacherFlags {
    /// The model, if one does the job; nothing is asked yet.
    ///
    /// # Errors
    /// The address is wrong, a flag is of no use without a server, or answers can't be kept.
    pub fn open(&self) -> anyhow::Result<Option<Teacher>> {
        let (Some(server), Some(model)) = (&self.server, &self.model) else {
            return match self.requests.given() {
                Some(flag) => Err(UsageError(format!("{flag} goes with --server only")).into()),
                None => Ok(None),
            };
        };
        let settings = self.requests.settings(Endpoint::chat(server)?, model);
        let client = Client::new(settings)?.with_interrupt(interrupt::flag()?);
        let prices = Prices {
            input_per_million: self.price_in.unwrap_or(0.0),
            output_per_million: self.price_out.unwrap_or(0.0),
        };
        let budget = Budget { prices, max_tokens: self.max_tokens_total, max_cost: self.max_cost };
        let options = TeacherOptions { budget, attempts: self.max_attempts };
        let folder = self.cache.clone().unwrap_or_else(|| default_cache_dir().join("teacher"));
        Ok(Some(Teacher::new(client, &folder, options)?))
    }

    /// Whether only the forecast is wanted.
    pub fn is_dry(&self) -> bool {
        self.dry_run
    }

    /// A forecast as text.
    pub fn forecast(&self, forecast: &Forecast, budget: &Budget) -> String {
        let Forecast { questions, answered, prompt_tokens, answer_tokens, .. } = forecast;
        let mut text = format!("{questions} questions");
        if *answered > 0 {
            text += &format!(
                ", {answered} of them answered already ({} tokens{})",
                forecast.earlier_tokens,
                self.cost(forecast.earlier_cost)
            );
        }
        let rest = self.cost(forecast.cost);
        text += &format!("; to be asked: about {prompt_tokens} tokens of prompts and {answer_tokens} of answers{rest}");
        if !forecast.fits(budget) {
            text += "; that is beyond the budget, so only a part will be done";
        }
        text
    }

    /// Says what was spent.
    pub fn tell_spending(&self, spending: &Spending) {
        let Spending { asked, kept, prompt_tokens, answer_tokens, reckoned, .. } = spending;
        let reckoned = if *reckoned > 0 { format!(" ({reckoned} reckoned from bytes)") } else { String::new() };
        printer::line(format!(
            "asked {asked} times: {prompt_tokens} tokens of prompts and {answer_tokens} of answers{reckoned}{}; {kept} answers \
             were kept from earlier ({} tokens{})",
            self.cost(spending.cost),
            spending.earlier_tokens,
            self.cost(spending.earlier_cost),
        ));
    }

    fn cost(&self, cost: f64) -> String {
        if self.price_in.or(self.price_out).is_some() { format!(", cost {cost:.4}") } else { String::new() }
    }
}
