//! What a task file must not ask for, because it makes no sense or isn't supported: each by the path of its key.

use super::functions::Functions;
use super::{Choices, Field, Metric, OutputType, Samples, TaskConfig};
use crate::template::environment;

/// The path of a key, with dots, and what is wrong with it.
type Fault = (String, String);

/// Checks what the types of the keys don't say.
pub(super) fn check(config: &TaskConfig, functions: Option<&Functions>) -> Result<(), Fault> {
    metrics(config)?;
    check_functions(config, functions)?;
    templates(config)?;
    if config.output_type == OutputType::MultipleChoice && config.doc_to_choice.is_none() {
        return Err(fault("output_type", "multiple_choice needs doc_to_choice, which is missing"));
    }
    if config.repeats == 0 {
        return Err(fault("repeats", "must be at least 1"));
    }
    if config.repeats > 1 && config.output_type != OutputType::GenerateUntil {
        return Err(fault("repeats", "goes with output_type generate_until only"));
    }
    if config.process_docs.is_some() && config.dataset_path.is_none() {
        return Err(fault("process_docs", "needs a dataset_path"));
    }
    if !config.filter_list.is_empty() && config.output_type != OutputType::GenerateUntil {
        let harmless = |step: &super::FilterStep| matches!(step, super::FilterStep::TakeFirst);
        if !config.filter_list.iter().all(|filter| filter.filter.iter().all(harmless)) {
            return Err(fault("filter_list", "goes with output_type generate_until only"));
        }
    }
    Ok(())
}

fn metrics(config: &TaskConfig) -> Result<(), Fault> {
    let is_code = config.phi_bench.program.is_some();
    for (i, metric) in config.metric_list.iter().enumerate() {
        let at = format!("metric_list.{i}.metric");
        let refuse = |reason: String| Err((at.clone(), reason));
        match &metric.metric {
            Metric::Function(function) => {
                return refuse(format!("!function {} isn't supported; process_results may compute it", function.name));
            }
            Metric::Named(_) if config.process_results.is_some() => {}
            Metric::Named(name) => {
                return refuse(format!("there is no metric {name:?}; there are {}", Metric::names()));
            }
            known if config.process_results.is_none() && !known.fits(config.output_type, is_code) => {
                return refuse(format!("{} doesn't go with this output_type", known.key()));
            }
            _ => {}
        }
        // Only what the metric's values are can be put together: process_results may give anything.
        let usual = super::MetricConfig::new(metric.metric.clone()).aggregation();
        let own = metric.aggregation();
        if config.process_results.is_none() && (own.takes_pairs() != usual.takes_pairs()) {
            return refuse(format!("aggregation {own:?} doesn't go with {}", metric.metric.key()));
        }
        if metric.hf_evaluate && metric.metric != Metric::ExactMatch {
            return Err((format!("metric_list.{i}.hf_evaluate"), "goes with exact_match only".to_owned()));
        }
    }
    Ok(())
}

/// Every function must have its module beside the task file.
fn check_functions(config: &TaskConfig, functions: Option<&Functions>) -> Result<(), Fault> {
    let of_field = |field: &Field| match field {
        Field::Function(function) => Some(function.name.clone()),
        _ => None,
    };
    let of_choices = |choices: &Choices| match choices {
        Choices::Function(function) => Some(function.name.clone()),
        _ => None,
    };
    let name = |function: &Option<super::Function>| function.as_ref().map(|function| function.name.clone());
    let mut called = vec![
        ("process_docs", name(&config.process_docs)),
        ("process_results", name(&config.process_results)),
        ("doc_to_text", of_field(&config.doc_to_text)),
        ("doc_to_target", of_field(&config.doc_to_target)),
        ("doc_to_choice", config.doc_to_choice.as_ref().and_then(of_choices)),
    ];
    if let Some(shots) = &config.fewshot_config {
        let samples = match &shots.samples {
            Some(Samples::Function(function)) => Some(function.name.clone()),
            _ => None,
        };
        if shots.process_docs.is_some() && shots.process_docs != config.process_docs {
            return Err(fault("fewshot_config.process_docs", "isn't supported where it isn't the task's own"));
        }
        called.extend([
            ("fewshot_config.samples", samples),
            ("fewshot_config.doc_to_text", shots.doc_to_text.as_ref().and_then(of_field)),
            ("fewshot_config.doc_to_target", shots.doc_to_target.as_ref().and_then(of_field)),
            ("fewshot_config.doc_to_choice", shots.doc_to_choice.as_ref().and_then(of_choices)),
        ]);
    }
    for (key, function) in called {
        let Some(function) = function else { continue };
        if !functions.is_some_and(|functions| functions.has_module_of(&function)) {
            return Err((
                key.to_owned(),
                format!("!function {function}: there is no such module beside the task file"),
            ));
        }
    }
    Ok(())
}

/// Templates must compile, so that a slip is told before any document is read.
fn templates(config: &TaskConfig) -> Result<(), Fault> {
    let environment = environment();
    let check = |key: &str, template: &str| match environment.template_from_str(template) {
        Ok(_) => Ok(()),
        Err(error) => {
            let line = error.line().map_or(String::new(), |line| format!(", line {line} of the template"));
            let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
            Err((key.to_owned(), format!("the template can't be read{line}: {detail}")))
        }
    };
    for (key, field) in [("doc_to_text", &config.doc_to_text), ("doc_to_target", &config.doc_to_target)] {
        if let Field::Template(template) = field {
            check(key, template)?;
        }
    }
    if let Some(Choices::Expression(template)) = &config.doc_to_choice {
        check("doc_to_choice", template)?;
    }
    check("description", &config.description)?;
    config.gen_prefix.as_deref().map_or(Ok(()), |prefix| check("gen_prefix", prefix))
}

fn fault(key: &str, reason: &str) -> Fault {
    (key.to_owned(), reason.to_owned())
}
