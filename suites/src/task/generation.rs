//! What a task's `generation_kwargs` mean.

use super::{OutputType, TaskConfig};
use serde_json::{Map, Value, json};

/// Tokens that lm-evaluation-harness generates where a task doesn't say.
const DEFAULT_MAX_GEN_TOKS: usize = 256;

/// How a task's model writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Generation {
    /// The completion ends before the first of these.
    pub until: Vec<String>,
    /// Tokens at most.
    pub max_tokens: usize,
    /// Temperature and nucleus, where completions are drawn.
    pub sampled: Option<(f64, f64)>,
    /// The `generation_kwargs` as requests carry them.
    pub arguments: Map<String, Value>,
}

impl Generation {
    /// Reads a task's arguments; none for tasks whose model doesn't write.
    ///
    /// # Errors
    /// Names the argument that isn't supported, or its value.
    pub(super) fn of(config: &TaskConfig) -> Result<Option<Self>, String> {
        if config.output_type != OutputType::GenerateUntil {
            return Ok(None);
        }
        let arguments = match &config.generation_kwargs {
            Some(given) => {
                let mut arguments = given.clone();
                if let Some(temperature) = arguments.get_mut("temperature")
                    && let Some(number) = temperature.as_f64()
                {
                    *temperature = number.into();
                }
                arguments.entry("until").or_insert_with(|| json!([config.fewshot_delimiter]));
                arguments
            }
            // What lm-evaluation-harness takes where a file says nothing.
            None => {
                let default = json!({"temperature": 0.0, "do_sample": false, "max_gen_toks": DEFAULT_MAX_GEN_TOKS,
                                     "until": [config.fewshot_delimiter]});
                serde_json::from_value(default).unwrap_or_default()
            }
        };
        let (mut until, mut max_tokens) = (Vec::new(), DEFAULT_MAX_GEN_TOKS);
        let (mut do_sample, mut temperature, mut top_p) = (false, 1.0, 1.0);
        for (key, value) in &arguments {
            let fits = match key.as_str() {
                "until" => match value {
                    Value::String(one) => {
                        until = vec![one.clone()];
                        true
                    }
                    several => serde_json::from_value(several.clone()).map(|several| until = several).is_ok(),
                },
                "max_gen_toks" => value.as_u64().filter(|&max| max > 0).map(|max| max_tokens = max as usize).is_some(),
                "do_sample" => value.as_bool().map(|sample| do_sample = sample).is_some(),
                "temperature" => value.as_f64().filter(|&t| t >= 0.0).map(|t| temperature = t).is_some(),
                "top_p" => value.as_f64().filter(|&p| p > 0.0 && p <= 1.0).map(|p| top_p = p).is_some(),
                _ => return Err(format!("{key} isn't supported")),
            };
            if !fits {
                return Err(format!("{key} can't be {value}"));
            }
        }
        let sampled = (do_sample && temperature > 0.0).then_some((temperature, top_p));
        Ok(Some(Self { until, max_tokens, sampled, arguments }))
    }
}
