//! Unequal shares: the function stays exactly, and the copies are told apart without noise.

use crate::support::{config, distance, growth, logits, small};
use phi_growth::{Distinct, Growth, GrowthError, Method, Split, distinct_units, grow};
use phi_model::Checkpoint;

fn unequal(seed: u64) -> Growth {
    Growth { snr_db: None, split: Split::Unequal, seed, ..growth(Method::TilingPreserving) }
}

#[test]
fn unequal_shares_keep_the_function_and_tell_all_units_apart() {
    let small = small();
    let before = logits(&small);
    for heads in [4, 8] {
        let large = grow(&small, &config(heads, 6), &unequal(1)).unwrap();
        let moved = distance(&before, &logits(&large));
        assert!(moved < 1e-5, "x{}: {moved}", heads / 2);
        let units = distinct_units(&large).unwrap();
        assert_eq!([units.residual, units.heads, units.mlp].map(Distinct::share), [1.0; 3]);
    }
}

#[test]
fn the_shares_of_a_weight_sum_to_one_and_differ_by_row() {
    let small = small();
    let large = grow(&small, &config(8, 5), &unequal(7)).unwrap();
    let name = "model.layers.1.mlp.fc1.weight";
    let (s, l) = (small.tensor(name).data(), large.tensor(name).data());
    let mut first = Vec::new();
    for r in 0..256 {
        let shares: Vec<f32> = (0..4).map(|copy| l[r * 64 + copy * 16 + 3] / s[(r % 64) * 16 + 3]).collect();
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{shares:?}");
        assert!(shares.iter().all(|x| (0.5 / 5.0..=1.5 / 3.0).contains(x)), "{shares:?}");
        for copy in 0..4 {
            for c in 0..16 {
                let expected = shares[copy] * s[(r % 64) * 16 + c];
                assert!((l[r * 64 + copy * 16 + c] - expected).abs() < 1e-6, "one share for each row and copy");
            }
        }
        first.push(shares[0]);
    }
    first.sort_by(f32::total_cmp);
    assert!(first[255] - first[0] > 0.1, "shares differ by row");
    // The head and what isn't summed over are divided as ever.
    let head = |model: &Checkpoint| model.tensor("lm_head.weight").data().to_vec();
    assert!(head(&large).chunks_exact(64).all(|row| row[..16] == row[16..32]));
}

#[test]
fn a_seed_gives_one_split_and_other_methods_refuse_it() {
    let small = small();
    let with = |seed| grow(&small, &config(4, 6), &unequal(seed)).unwrap();
    assert_eq!(with(1), with(1));
    assert_ne!(with(1), with(2));
    for method in Method::ALL.into_iter().filter(|m| *m != Method::TilingPreserving) {
        let error = grow(&small, &config(4, 6), &Growth { method, ..unequal(1) }).unwrap_err();
        assert!(matches!(error, GrowthError::Split { .. }), "{error}");
        assert!(error.to_string().contains(method.name()), "{error}");
    }
}
