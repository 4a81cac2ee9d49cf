//! The report on a growth.

use crate::support::{config, growth, small};
use phi_growth::{Growth, GrowthReport, Method, grow};

fn report(method: Method, snr_db: Option<f64>) -> GrowthReport {
    let small = small();
    let growth = Growth { snr_db, ..growth(method) };
    GrowthReport::new(&small, &grow(&small, &config(4, 6), &growth).unwrap(), &growth).unwrap()
}

#[test]
fn tiles_add_no_rank_a_diagonal_doubles_it_and_noise_adds_some() {
    let ranks = |method, snr_db| {
        report(method, snr_db)
            .ranks
            .iter()
            .map(|r| r.effective_rank.after / r.effective_rank.before)
            .collect::<Vec<_>>()
    };
    assert_eq!(ranks(Method::Tiling, None).len(), 6);
    for method in [Method::Tiling, Method::TilingPreserving] {
        assert!(ranks(method, None).iter().all(|r| (r - 1.0).abs() < 1e-4), "{method}");
    }
    assert!(ranks(Method::Diagonal, None).iter().all(|r| (r - 2.0).abs() < 1e-4));
    assert!(ranks(Method::TilingPreserving, Some(10.0)).iter().all(|r| *r > 1.1));
    assert!(ranks(Method::WeightReuse, None).iter().all(|r| *r > 1.1));
}

#[test]
fn a_method_that_leaves_half_of_the_width_dead_says_so() {
    for method in [Method::Tiling, Method::Diagonal, Method::Net2net, Method::TilingPreserving] {
        let sentence = report(method, None).dead_width().unwrap();
        assert!(sentence.contains("50 % of the width is dead"), "{method}: {sentence}");
    }
    for method in [Method::WeightReuse, Method::ZeroPad, Method::TilingPreserving] {
        assert_eq!(report(method, Some(10.0)).dead_width(), None, "{method}");
    }
}

#[test]
fn it_counts_parameters_and_operations_and_is_plain_json() {
    let report = report(Method::Net2net, None);
    assert_eq!(report.params.after, config(4, 6).num_params());
    assert_eq!(report.train_flops_per_token.before, config(2, 5).train_flops_per_token(256));
    assert_eq!(report.change_of_function, None);
}
