//! Prints what a default corpus holds: verified exercises, characters and tokens, and how long each part takes.
//!
//! `cargo run --release -p phi-corpus --example corpus_numbers -- [TRAIN] [HELDOUT] [VOCABULARY]`

#![allow(clippy::print_stdout)]

use std::time::Instant;

use phi_corpus::{
    CorpusStats, END_OF_TEXT_ID, EncodedExercise, Exercise, LossOn, encode, generate_checked, generate_textbooks,
    pack_exercises, sample_documents, stdlib_sources, train_tokenizer,
};
use phi_sandbox::{Python, Sandbox, default_cache_dir};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let mut number = |default: usize| args.next().map_or(Ok(default), |text| text.parse::<usize>());
    let (n_train, n_heldout, vocabulary) = (number(12_000)?, number(400)?, number(1024)?);

    let start = Instant::now();
    let judge = Sandbox::new(Python::Cpython, &default_cache_dir())?;
    let (set, report) = generate_checked(0, n_train, n_heldout, &judge, 2, &|_| {})?;
    println!("checked in {:.1} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let books = generate_textbooks(0, n_train / 2);
    println!("textbooks in {:.1} s", start.elapsed().as_secs_f64());
    let code = sample_documents(stdlib_sources()?, 2_000_000, 0);

    let start = Instant::now();
    let texts = books.iter().chain(&code).map(|document| document.text.clone());
    let texts: Vec<String> = texts.chain(set.train.iter().map(Exercise::training_text)).collect();
    let tokenizer = train_tokenizer(texts, vocabulary)?;
    println!("tokenizer in {:.1} s", start.elapsed().as_secs_f64());

    let mut stats = CorpusStats::default();
    stats.add_report(&report);
    let start = Instant::now();
    for document in books.iter().chain(&code) {
        stats.add_document(document, &tokenizer)?;
    }
    let mut encoded = vec![];
    for exercise in &set.train {
        stats.add_exercise(exercise, &tokenizer)?;
        let prompt = encode(&tokenizer, &exercise.prompt)?;
        encoded.push(EncodedExercise { prompt, body: encode(&tokenizer, &exercise.canonical_solution)? });
    }
    println!("encoded in {:.1} s", start.elapsed().as_secs_f64());
    let packed = pack_exercises(encoded, END_OF_TEXT_ID, 256, LossOn::PromptAndBody);
    println!("{} rows of 256, {} exercises too long", packed.rows.num_rows(), packed.num_too_long);
    for (concept, count) in &report.by_concept {
        if count.rejected > 0 {
            println!("{concept}: {} of {} thrown away", count.rejected, count.kept + count.rejected);
        }
    }
    stats.exercises_by_concept.clear();
    println!("{}", serde_json::to_string_pretty(&stats)?);
    Ok(())
}
