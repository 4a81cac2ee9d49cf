#![allow(clippy::unwrap_used)]

use super::*;
use crate::weights::Part;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use std::sync::Arc;

fn random(n: usize, seed: u64) -> Vec<f32> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| rng.random::<f32>() - 0.5).collect()
}

fn layer(outputs: usize, inputs: usize, seed: u64) -> Linear {
    let weight = Matrix::owned(Arc::new(random(outputs * inputs, seed)), outputs, inputs);
    Linear::new(vec![Part { weight, bias: Some(random(outputs, seed + 1)) }])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_product_is_right_and_a_row_s_bits_depend_on_that_row_alone(
        rows in 1usize..20, inputs in 1usize..1100, outputs in 1usize..40, threads in 1usize..3,
    ) {
        let (x, layer) = (random(rows * inputs, 7), layer(outputs, inputs, 3));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut out = vec![0.0; rows * outputs];
        pool.install(|| linear(&mut out, Onto::Nothing, &x, &layer));
        let (w, bias) = (layer.parts()[0].weight.to_vec(), layer.parts()[0].bias.clone().unwrap());
        for (row, out) in x.chunks(inputs).zip(out.chunks(outputs)) {
            for ((w, bias), out) in w.chunks(inputs).zip(&bias).zip(out) {
                let exact: f64 = row.iter().zip(w).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                prop_assert!((exact + f64::from(*bias) - f64::from(*out)).abs() < 1e-4);
            }
            let mut alone = vec![0.0; outputs];
            linear(&mut alone, Onto::Nothing, row, &layer);
            prop_assert_eq!(out, alone.as_slice());
        }
    }
}

#[test]
fn the_portable_kernel_computes_what_this_machine_s_does() {
    let (x, w) = (random(3 * 64, 1), random(4 * 64, 2));
    let sums = |kernel: Kernel| {
        let packed = Packed::new(&x, 64, kernel);
        let mut out = [[0.0; COLS]; MOST_ROWS];
        let steps = 64 / kernel.lanes;
        kernel.products(packed.tile(&(0..64), 0, 3), WTile { data: &w, stride: 64 }, steps, &mut out);
        out
    };
    let (here, portable) = (sums(Kernel::of_this_machine()), sums(Kernel::portable()));
    for (a, b) in here.iter().flatten().zip(portable.iter().flatten()) {
        assert!((a - b).abs() < 1e-5, "{a} against {b}");
    }
}
