//! Copies: how alike they are, and whether training tells them apart.

use crate::support::{config, growth, small};
use phi_growth::{DistinctUnits, Growth, Method, block_cosine, distinct_units, grow};
use phi_model::{Batch, Checkpoint, Decoder, Workspace};
use phi_train::{AdamW, Schedule, TrainSpec};

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
    assert_eq!(shares(distinct_units(&small)), [1.0; 3]);
    for heads in [4, 8] {
        let units = |method, snr_db| {
            let growth = Growth { snr_db, ..growth(method) };
            shares(distinct_units(&grow(&small, &config(heads, 6), &growth).unwrap()))
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

/// Trains on text for some steps of AdamW, without anything random.
fn trained(model: &Checkpoint, steps: u64) -> Checkpoint {
    let spec = TrainSpec {
        steps,
        batch_rows: 1,
        learning_rate: 3e-3,
        warmup_steps: 0,
        schedule: Schedule::Constant,
        final_lr_fraction: 1.0,
        weight_decay: 0.1,
        beta1: 0.9,
        beta2: 0.98,
        epsilon: 1e-8,
        clip_norm: 1.0,
        seed: 0,
        eval_every: 1,
        threads: 1,
    };
    let decoder = Decoder::new(model.config());
    let optimiser = AdamW::new(decoder.layout());
    let mut params = model.to_flat();
    let zeros = vec![0.0; params.len()];
    let (mut first, mut second, mut ws) = (zeros.clone(), zeros.clone(), Workspace::new());
    let tokens: Vec<u32> = (0..65).map(|i| (i * 17 + i * i) % 128).collect();
    let segment = 0..64;
    let batch = Batch {
        tokens: &tokens[..64],
        targets: &tokens[1..],
        weights: &[1.0; 64],
        segments: std::slice::from_ref(&segment),
    };
    for step in 1..=steps {
        let mut grads = zeros.clone();
        decoder.loss_and_gradients(&params, &batch, 1.0 / 64.0, &mut grads, &mut ws);
        optimiser.update(&spec, step, 3e-3, 1.0, &mut params, &mut first, &mut second, &grads);
    }
    Checkpoint::from_flat(model.config(), &params)
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

/// The rows' cosine doesn't see the copies of a diagonal, for they read different blocks, nor those of net2net, which
/// don't lie in order; the classes of units that add up alike do, and AdamW leaves them as they are.
#[test]
fn training_tells_no_more_units_apart_than_growth_left() {
    let small = small();
    for method in [Method::Tiling, Method::TilingPreserving, Method::Diagonal, Method::Net2net] {
        let large = grow(&small, &config(4, 5), &Growth { snr_db: None, ..growth(method) }).unwrap();
        let after = trained(&large, 40);
        assert_eq!(shares(distinct_units(&after)), [0.5; 3], "{method}");
        let fc1 = "model.layers.0.mlp.fc1.weight";
        assert_ne!(after.tensor(fc1), large.tensor(fc1), "it did learn");
    }
    let diagonal = grow(&small, &config(4, 5), &growth(Method::Diagonal)).unwrap();
    assert!(block_cosine(&diagonal, small.config()).unwrap().abs() < 1e-6);
}
