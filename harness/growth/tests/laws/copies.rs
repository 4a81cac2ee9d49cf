//! Copies: how alike they are, and whether training tells them apart.

use crate::support::{config, growth, small};
use crate::training::Run;
use phi_growth::{DistinctUnits, Growth, Method, block_cosine, distinct_units, grow};
use phi_model::Checkpoint;

#[test]
fn exact_copies_are_alike_and_paired_noise_tells_them_apart() {
    let small = small();
    let cosine = |snr_db| {
        let growth = Growth { snr_db, ..growth(Method::TilingPreserving) };
        block_cosine(&grow(&small, &config(4, 6), &growth).unwrap(), small.config()).unwrap()
    };
    assert!((cosine(None) - 1.0).abs() < 1e-6);
    assert!((cosine(Some(10.0)) - 1.0 / 1.1).abs() < 0.02);
}

fn shares(units: DistinctUnits) -> [f64; 3] {
    [units.residual.share(), units.heads.share(), units.mlp.share()]
}

#[test]
fn copies_without_noise_leave_a_share_of_one_over_the_ratio_and_other_methods_all() {
    let small = small();
    assert_eq!(shares(distinct_units(&small).unwrap()), [1.0; 3]);
    for heads in [4, 8] {
        let units = |method, snr_db| {
            let growth = Growth { snr_db, ..growth(method) };
            shares(distinct_units(&grow(&small, &config(heads, 6), &growth).unwrap()).unwrap())
        };
        let share = 2.0 / heads as f64;
        for method in [Method::Tiling, Method::TilingPreserving, Method::Diagonal, Method::Net2net] {
            assert_eq!(units(method, None), [share; 3], "{method}");
        }
        assert_eq!(units(Method::TilingPreserving, Some(10.0)), [1.0; 3]);
        for method in [Method::Scratch, Method::WeightReuse, Method::ZeroPad] {
            assert_eq!(units(method, None), [1.0; 3], "{method}");
        }
    }
}

/// Trained for some steps of AdamW, with nothing random in them.
fn trained(model: &Checkpoint, steps: u64) -> Checkpoint {
    let mut run = Run::new(model);
    run.train(steps);
    run.model()
}

#[test]
fn training_keeps_exact_copies_alike_and_drives_noisy_ones_apart() {
    let small = small();
    let cosine = |snr_db, steps| {
        let growth = Growth { snr_db, ..growth(Method::TilingPreserving) };
        let large = grow(&small, &config(4, 5), &growth).unwrap();
        block_cosine(&trained(&large, steps), small.config()).unwrap()
    };
    assert!(cosine(None, 60) > 0.999_999);
    assert!(cosine(Some(10.0), 60) < cosine(Some(10.0), 0));
}

/// How many units of the residual stream hold something else of the embedding than all before them, beyond rounding.
fn distinct_columns(model: &Checkpoint) -> usize {
    let embed = model.tensor("model.embed_tokens.weight");
    let (rows, cols) = embed.rows_cols();
    let largest = embed.data().iter().fold(0.0f32, |m, x| m.max(x.abs()));
    let alike = |a: usize, b: usize| {
        (0..rows).all(|r| (embed.data()[r * cols + a] - embed.data()[r * cols + b]).abs() < 1e-5 * largest)
    };
    (0..cols).filter(|&c| (0..c).all(|earlier| !alike(earlier, c))).count()
}

/// The rows' cosine doesn't see the copies of a diagonal, for they read different blocks, nor those of net2net, which
/// don't lie in order; the classes of units that add up alike do, and training doesn't tell them apart.
#[test]
fn training_tells_those_units_apart_that_are_counted_as_distinct_and_no_others() {
    let small = small();
    let after = |method, snr_db| {
        let large = grow(&small, &config(4, 5), &Growth { snr_db, ..growth(method) }).unwrap();
        let counted = distinct_units(&large).unwrap().residual.distinct;
        (counted, distinct_columns(&trained(&large, 40)))
    };
    for method in [Method::Tiling, Method::TilingPreserving, Method::Diagonal, Method::Net2net] {
        assert_eq!(after(method, None), (16, 16), "{method}");
    }
    assert_eq!(after(Method::TilingPreserving, Some(10.0)), (32, 32));
    assert_eq!(after(Method::Aki, None), (32, 32));
    let diagonal = grow(&small, &config(4, 5), &growth(Method::Diagonal)).unwrap();
    assert!(block_cosine(&diagonal, small.config()).unwrap().abs() < 1e-6);
}
