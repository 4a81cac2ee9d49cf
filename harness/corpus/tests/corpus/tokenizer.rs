//! The tokenizer.

use std::sync::LazyLock;

use phi_corpus::{
    END_OF_TEXT, END_OF_TEXT_ID, Exercise, encode, generate_exercises, generate_textbooks, load_tokenizer,
    save_tokenizer, train_tokenizer,
};
use proptest::prelude::*;
use tokenizers::Tokenizer;

static EXERCISES: LazyLock<Vec<Exercise>> = LazyLock::new(|| {
    let set = generate_exercises(0, 1000, 200);
    set.train.into_iter().chain(set.heldout).collect()
});

fn train() -> Tokenizer {
    let books = generate_textbooks(0, 200);
    let texts = books.iter().map(|book| book.text.clone()).chain(EXERCISES.iter().map(Exercise::training_text));
    train_tokenizer(texts.collect::<Vec<_>>(), 1024).unwrap()
}

static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(train);

#[test]
fn training_twice_gives_the_same_file() {
    assert_eq!(TOKENIZER.to_string(false).unwrap(), train().to_string(false).unwrap());
}

#[test]
fn the_boundary_between_prompt_and_body_is_a_token_boundary() {
    for e in EXERCISES.iter() {
        let mut apart = encode(&TOKENIZER, &e.prompt).unwrap();
        apart.extend(encode(&TOKENIZER, &e.canonical_solution).unwrap());
        assert_eq!(
            apart,
            encode(&TOKENIZER, &format!("{}{}", e.prompt, e.canonical_solution)).unwrap(),
            "{}",
            e.prompt
        );
    }
}

#[test]
fn line_breaks_and_digits_stand_alone_and_indentation_is_one_token() {
    let encoding = TOKENIZER.encode("    return 123\n", false).unwrap();
    let text: Vec<String> = encoding.get_ids().iter().map(|id| TOKENIZER.decode(&[*id], false).unwrap()).collect();
    assert_eq!(text, ["    ", "return", " 1", "2", "3", "\n"]);
}

#[test]
fn the_vocabulary_has_the_wanted_size_and_end_of_text_first() {
    assert_eq!(TOKENIZER.get_vocab_size(true), 1024);
    assert_eq!(TOKENIZER.token_to_id(END_OF_TEXT), Some(END_OF_TEXT_ID));
    assert!(train_tokenizer(["x"], 100).is_err());
}

#[test]
fn a_saved_tokenizer_loads_and_encodes_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokenizer.json");
    save_tokenizer(&TOKENIZER, &path).unwrap();
    let loaded = load_tokenizer(&path).unwrap();
    for e in &EXERCISES[..100] {
        assert_eq!(encode(&loaded, &e.prompt).unwrap(), encode(&TOKENIZER, &e.prompt).unwrap());
    }
    let message = load_tokenizer(&folder.path().join("missing.json")).unwrap_err().to_string();
    assert!(message.contains("missing.json"), "{message}");
}

proptest! {
    #[test]
    fn any_text_comes_back_exactly(text in "(\\PC|[ \n\t\r])*") {
        let ids = encode(&TOKENIZER, &text).unwrap();
        prop_assert_eq!(TOKENIZER.decode(&ids, false).unwrap(), text);
    }

    #[test]
    fn a_line_break_is_a_boundary_in_any_text(head in "\\PC*", tail in "(\\PC|[ \n])*") {
        let mut apart = encode(&TOKENIZER, &format!("{head}\n")).unwrap();
        apart.extend(encode(&TOKENIZER, &tail).unwrap());
        prop_assert_eq!(apart, encode(&TOKENIZER, &format!("{head}\n{tail}")).unwrap());
    }
}
