//! Rows of tokens.

use phi_corpus::{EncodedExercise, LossOn, pack, pack_exercises};
use phi_model::{CheckpointError, PackedTokens};
use proptest::prelude::*;

fn exercise(prompt: usize, body: usize) -> EncodedExercise {
    EncodedExercise { prompt: vec![7; prompt], body: vec![8; body] }
}

/// All tokens of a row.
fn row(packed: &PackedTokens, i: usize) -> Vec<u32> {
    let mut row = packed.inputs(i).to_vec();
    row.extend(packed.targets(i).last());
    row
}

#[test]
fn documents_flow_through_rows_and_every_target_comes_once() {
    let packed = pack([vec![1, 2, 3], vec![4, 5], vec![6, 7, 8, 9]], 0, 4);
    assert_eq!(packed.num_rows(), 2);
    assert_eq!(row(&packed, 0), [1, 2, 3, 0, 4]);
    assert_eq!(row(&packed, 1), [4, 5, 0, 6, 7]);
    assert_eq!(packed.segments(1), std::iter::once(0..4).collect::<Vec<_>>());
    assert_eq!(packed.num_targets(), 8);
    assert_eq!(pack([vec![1]], 0, 8).num_rows(), 0);
}

#[test]
fn exercises_stay_whole_and_padding_does_not_count() {
    let packed = pack_exercises([exercise(3, 2), exercise(2, 2), exercise(20, 1)], 0, 8, LossOn::PromptAndBody);
    assert_eq!(packed.num_too_long, 1);
    assert_eq!(packed.rows.num_rows(), 2);
    assert_eq!(row(&packed.rows, 0), [7, 7, 7, 8, 8, 0, 0, 0, 0]);
    assert_eq!(packed.rows.weights(0), [1, 1, 1, 1, 1, 0, 0, 0]);
    assert_eq!(packed.rows.segments(0), [0..6, 6..8]);
    let on_body = pack_exercises([exercise(3, 2), exercise(1, 1)], 0, 8, LossOn::Body);
    assert_eq!(on_body.rows.weights(0), [0, 0, 1, 1, 1, 0, 1, 1]);
    assert_eq!(on_body.rows.segments(0), [0..6, 6..8]);
}

proptest! {
    #[test]
    fn packing_neither_loses_nor_invents_tokens(lens in prop::collection::vec((1usize..12, 1usize..12), 0..30)) {
        let exercises: Vec<EncodedExercise> = lens.iter().map(|(p, b)| exercise(*p, *b)).collect();
        let packed = pack_exercises(exercises, 0, 23, LossOn::PromptAndBody).rows;
        let count = |token| (0..packed.num_rows()).map(|i| row(&packed, i).iter().filter(|t| **t == token).count()).sum::<usize>();
        prop_assert_eq!(count(7), lens.iter().map(|(p, _)| p).sum::<usize>());
        prop_assert_eq!(count(8), lens.iter().map(|(_, b)| b).sum::<usize>());
        let segments: usize = (0..packed.num_rows()).map(|i| packed.segments(i).iter().filter(|s| packed.inputs(i)[s.start] == 7).count()).sum();
        prop_assert_eq!(segments, lens.len());
    }
}

#[test]
fn a_saved_file_loads_and_a_truncated_or_changed_one_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.tokens");
    let wide = pack([vec![1, 70_000, 3, 4, 5]], 0, 2);
    for packed in [pack_exercises([exercise(3, 2)], 0, 8, LossOn::Body).rows, wide] {
        packed.save(&path).unwrap();
        assert_eq!(PackedTokens::load(&path).unwrap(), packed);
        let bytes = std::fs::read(&path).unwrap();
        for len in 0..bytes.len() {
            std::fs::write(&path, &bytes[..len]).unwrap();
            assert!(matches!(PackedTokens::load(&path), Err(CheckpointError::Packed { .. })), "{len}");
        }
        let mut changed = bytes.clone();
        changed[40] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        let message = PackedTokens::load(&path).unwrap_err().to_string();
        assert!(message.contains("rows.tokens") && message.contains("remove it"), "{message}");
    }
}
