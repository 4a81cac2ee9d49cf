//! The statistics against worked examples, and against simulation: intervals cover as often as they say, and tests of
//! no difference cry wolf as seldom as they say.

#![allow(clippy::unwrap_used)]

use phi_suites::python::Random;
use phi_suites::stats::{
    beta_binomial, cluster_bootstrap, cluster_t, clustered_standard_error, crossed_comparison, crossed_paired, holm,
    jeffreys, mcnemar_exact, minimum_detectable_effect, paired, pass_at_k, standard_error, wilson,
};
use proptest::prelude::*;

fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} isn't {b}");
}

/// A standard normal variable by Box and Muller.
fn normal(random: &mut Random) -> f64 {
    let u = 1.0 - random.random();
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * random.random()).cos()
}

fn none() -> Option<&'static [usize]> {
    None
}

#[test]
fn standard_errors_equal_worked_examples() {
    // 30 of 100 right: sqrt(p (1 - p) / (n - 1)).
    let values: Vec<f64> = (0..100).map(|i| f64::from(u8::from(i < 30))).collect();
    close(standard_error(&values), (0.3f64 * 0.7 / 99.0).sqrt(), 1e-15);
    let alone: Vec<usize> = (0..100).collect();
    close(clustered_standard_error(&values, &alone), standard_error(&values), 1e-15);
    // Two clusters of two equal values: totals of +1 and -1, C/(C-1) = 2, so sqrt(2 * 2) / 4.
    close(clustered_standard_error(&[1.0, 1.0, 0.0, 0.0], &["a", "a", "b", "b"]), 0.5, 1e-15);
    assert_eq!(standard_error(&[1.0]), 0.0);
}

#[test]
fn intervals_of_a_share_equal_published_ones() {
    // Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81/263, 15/148, 0/20, 1/29.
    for (successes, n, low, high) in [
        (81.0, 263.0, 0.2553, 0.3662),
        (15.0, 148.0, 0.0624, 0.1605),
        (0.0, 20.0, 0.0, 0.1611),
        (1.0, 29.0, 0.0061, 0.1718),
    ] {
        let interval = wilson(successes, n, 0.05);
        close(interval.0, low, 5e-5);
        close(interval.1, high, 5e-5);
    }
    // A uniform prior and no observation leave the uniform distribution.
    let (low, high) = beta_binomial(0, 0, (1.0, 1.0), 0.1);
    close(low, 0.05, 1e-9);
    close(high, 0.95, 1e-9);
    // 0 of n under Beta(1, 1): the posterior Beta(1, n + 1) has the distribution function 1 - (1 - x)^(n + 1).
    close(beta_binomial(0, 10, (1.0, 1.0), 0.05).1, 1.0 - 0.025f64.powf(1.0 / 11.0), 1e-9);
    assert_eq!(jeffreys(0, 10, 0.05).0, 0.0);
    assert_eq!(jeffreys(10, 10, 0.05).1, 1.0);
    let (low, high) = jeffreys(3, 10, 0.05);
    let mirrored = jeffreys(7, 10, 0.05);
    close(low, 1.0 - mirrored.1, 1e-9);
    close(high, 1.0 - mirrored.0, 1e-9);
}

#[test]
fn pass_at_k_equals_its_definition() {
    // 1 - C(n-c, k) / C(n, k): n = 10, c = 3, k = 5 gives 1 - 21/252.
    close(pass_at_k(10, 3, 5).unwrap(), 1.0 - 21.0 / 252.0, 1e-12);
    close(pass_at_k(200, 20, 1).unwrap(), 0.1, 1e-12);
    assert_eq!(pass_at_k(10, 0, 10), Some(0.0));
    assert_eq!(pass_at_k(10, 1, 10), Some(1.0));
    assert_eq!(pass_at_k(5, 2, 6), None);
}

#[test]
fn mcnemar_equals_the_binomial_tail() {
    assert_eq!(mcnemar_exact(0, 0), 1.0);
    assert_eq!(mcnemar_exact(4, 4), 1.0);
    // Two-sided binomial tests with p = 1/2: 1 of 10, 0 of 6, 7 of 27.
    close(mcnemar_exact(1, 9), 2.0 * 11.0 / 1024.0, 1e-12);
    close(mcnemar_exact(6, 0), 2.0 / 64.0, 1e-12);
    let tail: f64 = (0..=7).map(|k| (1..=k).map(|i| (28 - i) as f64 / i as f64).product::<f64>()).sum();
    close(mcnemar_exact(20, 7), 2.0 * tail / 2f64.powi(27), 1e-12);
}

#[test]
fn holm_equals_a_worked_example() {
    let corrected = holm(&[0.01, 0.04, 0.03, 0.005]);
    for (value, expected) in corrected.iter().zip([0.03, 0.06, 0.06, 0.02]) {
        close(*value, expected, 1e-12);
    }
    assert_eq!(holm(&[0.6, 0.9]), [1.0, 1.0]);
    assert!(holm(&[]).is_empty());
}

#[test]
fn the_paired_comparison_equals_the_paired_t_test() {
    // Student's sleep data (1908): t = -4.0621 with 9 degrees of freedom, p = 0.002833, interval -2.4599 to -0.7001.
    let a = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    let b = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    let alone: Vec<usize> = (0..10).collect();
    let comparison = paired(&a, &b, &alone, 0.05).unwrap();
    close(comparison.difference, -1.58, 1e-12);
    close(comparison.difference / comparison.stderr, -4.062_128, 1e-5);
    close(comparison.df, 9.0, 1e-9);
    close(comparison.p_value, 0.002_833, 1e-6);
    close(comparison.interval.0, -2.459_886, 1e-5);
    close(comparison.interval.1, -0.700_114, 1e-5);
    close(comparison.correlation.unwrap(), 0.795_170_2, 1e-6);
}

#[test]
fn the_crossed_comparison_equals_its_mean_squares() {
    // Two seeds, three questions. Means of seeds 2 and 4, of questions 1.5, 3, 4.5, of all 3.
    let d = vec![vec![1.0, 2.0, 3.0], vec![2.0, 4.0, 6.0]];
    let comparison = crossed_paired(&d, none(), 0.05).unwrap();
    let by_seed: f64 = (1.0 + 1.0) / 1.0 / 2.0;
    let by_question: f64 = (2.25 + 2.25) / 2.0 / 3.0;
    close(comparison.difference, 3.0, 1e-12);
    close(comparison.stderr, (by_seed + by_question).sqrt(), 1e-12);
    let df = (by_seed + by_question).powi(2) / (by_seed.powi(2) * 3.0 + by_question.powi(2) / 2.0 * 2.0);
    assert!(df < 1.0, "fewer than the seeds alone have");
    close(comparison.df, 1.0, 1e-9);
    let turned: Vec<Vec<f64>> = (0..3).map(|q| d.iter().map(|row| row[q]).collect()).collect();
    close(crossed_paired(&turned, none(), 0.05).unwrap().stderr, comparison.stderr, 1e-12);
    assert_eq!((comparison.n_seeds, comparison.n_questions, comparison.n_clusters), (2, 3, 3));
    // Every question doubled, as two of a cluster, changes nothing.
    let doubled: Vec<Vec<f64>> = d.iter().map(|row| row.iter().flat_map(|&x| [x, x]).collect()).collect();
    let clustered = crossed_paired(&doubled, Some(&[0, 0, 1, 1, 2, 2]), 0.05).unwrap();
    close(clustered.stderr, comparison.stderr, 1e-12);
    assert_eq!((clustered.n_questions, clustered.n_clusters), (6, 3));
}

#[test]
fn comparisons_that_say_nothing_are_none_or_certain_of_nothing() {
    assert!(crossed_paired(&[], none(), 0.05).is_none());
    assert!(crossed_paired(&[vec![1.0]], none(), 0.05).is_none());
    assert!(crossed_paired(&[vec![1.0, 2.0], vec![1.0]], none(), 0.05).is_none());
    assert!(paired(&[1.0, 0.0], &[1.0], &[0, 1], 0.05).is_none());
    let equal = crossed_paired(&[vec![0.0; 5], vec![0.0; 5]], none(), 0.05).unwrap();
    assert_eq!((equal.difference, equal.p_value, equal.interval), (0.0, 1.0, (0.0, 0.0)));
    let constant = crossed_paired(&[vec![1.0; 5]], none(), 0.05).unwrap();
    close(constant.p_value, 2.0 / 32.0, 1e-12);
}

#[test]
fn intervals_of_a_share_cover_as_they_say() {
    let mut random = Random::new(1);
    for (n, p) in [(40, 0.5), (164, 0.3), (164, 0.05), (300, 0.6)] {
        let trials = 4000;
        let (mut by_wilson, mut by_jeffreys) = (0, 0);
        for _ in 0..trials {
            let successes = (0..n).filter(|_| random.random() < p).count();
            let (low, high) = wilson(successes as f64, n as f64, 0.05);
            by_wilson += usize::from(low <= p && p <= high);
            let (low, high) = jeffreys(successes, n, 0.05);
            by_jeffreys += usize::from(low <= p && p <= high);
        }
        for covered in [by_wilson, by_jeffreys] {
            let coverage = covered as f64 / f64::from(trials);
            assert!((0.93..=0.975).contains(&coverage), "n {n}, p {p}: {coverage}");
        }
    }
}

/// Near 0 and 1, and with few questions, Wilson's interval still covers, and mean plus and minus two standard errors doesn't.
/// A binomial's coverage jumps with p, so the bounds are wide; its mean over p is what a reader relies on.
#[test]
fn intervals_cover_near_the_ends_where_the_normal_one_fails() {
    let mut random = Random::new(6);
    let trials = 2000;
    for n in [50u32, 164, 500] {
        let (mut by_wilson, mut by_jeffreys, mut by_normal) = (0.0, 0.0, 0.0);
        let shares = [0.01, 0.02, 0.05, 0.95, 0.98, 0.99];
        for p in shares {
            let (mut wilson_covers, mut jeffreys_covers, mut normal_covers) = (0, 0, 0);
            for _ in 0..trials {
                let successes = (0..n).filter(|_| random.random() < p).count();
                let covers = |(low, high): (f64, f64)| usize::from(low <= p && p <= high);
                wilson_covers += covers(wilson(successes as f64, f64::from(n), 0.05));
                jeffreys_covers += covers(jeffreys(successes, n as usize, 0.05));
                let share = successes as f64 / f64::from(n);
                let half = 1.96 * (share * (1.0 - share) / f64::from(n)).sqrt();
                normal_covers += covers((share - half, share + half));
            }
            let share = |covered: usize| covered as f64 / f64::from(trials);
            assert!(share(wilson_covers) > 0.88, "n {n}, p {p}: {}", share(wilson_covers));
            by_wilson += share(wilson_covers) / shares.len() as f64;
            by_jeffreys += share(jeffreys_covers) / shares.len() as f64;
            by_normal += share(normal_covers) / shares.len() as f64;
        }
        assert!(by_wilson > 0.93 && by_jeffreys > 0.90, "n {n}: Wilson {by_wilson}, Jeffreys {by_jeffreys}");
        assert!(by_normal < by_wilson, "n {n}: {by_normal}");
        assert!(n > 50 || by_normal < 0.8, "{by_normal}");
    }
}

/// The exact McNemar test never rejects a true null more often than its level.
#[test]
fn mcnemar_keeps_its_size() {
    let mut random = Random::new(7);
    let trials = 4000;
    for discordant in [0.05, 0.3] {
        let rejected = (0..trials)
            .filter(|_| {
                let (mut only_a, mut only_b) = (0, 0);
                for _ in 0..164 {
                    let draw = random.random();
                    only_a += usize::from(draw < discordant / 2.0);
                    only_b += usize::from((discordant / 2.0..discordant).contains(&draw));
                }
                mcnemar_exact(only_a, only_b) <= 0.05
            })
            .count();
        assert!((rejected as f64) < 0.055 * f64::from(trials), "{rejected} of {trials}");
    }
}

/// Holm's correction keeps the chance of any false alarm among several comparisons at the level.
#[test]
fn holm_keeps_the_family_wise_error() {
    let mut random = Random::new(8);
    let trials = 4000;
    let alarms = (0..trials)
        .filter(|_| holm(&(0..6).map(|_| random.random()).collect::<Vec<_>>()).iter().any(|&p| p <= 0.05))
        .count();
    assert!((alarms as f64) < 0.058 * trials as f64 && alarms > trials / 50, "{alarms} of {trials}");
}

/// The interval of pass@k over tasks covers the true mean of tasks' chances.
#[test]
fn the_interval_of_pass_at_k_covers_as_it_says() {
    let mut random = Random::new(9);
    let trials = 1500;
    // Chances of tasks are uniform, so pass@5 is 1 - E[(1 - p)^5] = 5/6.
    let truth = 5.0 / 6.0;
    let alone: Vec<usize> = (0..164).collect();
    let covered = (0..trials)
        .filter(|_| {
            let values: Vec<f64> = (0..164)
                .map(|_| {
                    let chance = random.random();
                    let passed = (0..20).filter(|_| random.random() < chance).count();
                    pass_at_k(20, passed, 5).unwrap()
                })
                .collect();
            let (low, high) = cluster_t(&values, &alone, 0.05);
            low <= truth && truth <= high
        })
        .count();
    let coverage = covered as f64 / f64::from(trials);
    assert!((0.92..=0.97).contains(&coverage), "{coverage}");
}

/// Right and wrong answers in clusters that share a chance of being right.
fn clustered_answers(random: &mut Random, clusters: usize, size: usize) -> (Vec<f64>, Vec<usize>) {
    let mut values = Vec::new();
    for _ in 0..clusters {
        let chance = if random.random() < 0.5 { 0.8 } else { 0.2 };
        values.extend((0..size).map(|_| f64::from(u8::from(random.random() < chance))));
    }
    (values, (0..clusters * size).map(|i| i / size).collect())
}

#[test]
fn clustered_intervals_cover_where_naive_ones_do_not() {
    let mut random = Random::new(2);
    let trials = 2000;
    let (mut by_t, mut by_bootstrap, mut naive) = (0, 0, 0);
    for trial in 0..trials {
        let (values, clusters) = clustered_answers(&mut random, 50, 6);
        let covers = |(low, high): (f64, f64)| usize::from(low <= 0.5 && 0.5 <= high);
        by_t += covers(cluster_t(&values, &clusters, 0.05));
        naive += covers(wilson(values.iter().sum(), values.len() as f64, 0.05));
        if trial < 500 {
            by_bootstrap += covers(cluster_bootstrap(&values, &clusters, 400, trial, 0.05));
        }
    }
    let coverage = |covered: usize, of: u64| covered as f64 / of as f64;
    assert!((0.935..=0.965).contains(&coverage(by_t, trials)), "{}", coverage(by_t, trials));
    assert!((0.91..=0.97).contains(&coverage(by_bootstrap, 500)), "{}", coverage(by_bootstrap, 500));
    assert!(coverage(naive, trials) < 0.88, "{}", coverage(naive, trials));
}

/// Differences with random effects of seeds, clusters, questions and their meeting.
fn crossed(random: &mut Random, seeds: usize, clusters: usize, size: usize, sd: [f64; 4]) -> Vec<Vec<f64>> {
    let shared: Vec<f64> = (0..clusters).map(|_| sd[1] * normal(random)).collect();
    let own: Vec<f64> = (0..clusters * size).map(|_| sd[2] * normal(random)).collect();
    (0..seeds)
        .map(|_| {
            let of_seed = sd[0] * normal(random);
            (0..clusters * size).map(|q| of_seed + shared[q / size] + own[q] + sd[3] * normal(random)).collect()
        })
        .collect()
}

#[test]
fn the_crossed_test_keeps_its_size_whatever_varies() {
    let mut random = Random::new(3);
    let trials = 2000;
    // Spread of seeds, clusters, questions and their meeting; questions are 20 clusters of 5.
    for (seeds, sd) in [
        (3, [0.0, 0.0, 0.0, 1.0]),
        (3, [0.05, 0.0, 0.2, 1.0]),
        (3, [0.1, 0.0, 0.5, 1.0]),
        (3, [0.2, 0.2, 0.5, 0.5]),
        (3, [0.5, 0.2, 0.5, 0.5]),
        (3, [1.0, 0.0, 0.1, 0.1]),
        (3, [0.0, 0.5, 0.5, 0.5]),
        (5, [0.1, 0.3, 0.5, 1.0]),
        (10, [0.1, 0.1, 0.5, 1.0]),
    ] {
        let clusters: Vec<usize> = (0..100).map(|q| q / 5).collect();
        let rejected = (0..trials)
            .filter(|_| {
                let d = crossed(&mut random, seeds, 20, 5, sd);
                crossed_paired(&d, Some(&clusters), 0.05).unwrap().p_value <= 0.05
            })
            .count();
        let size = rejected as f64 / f64::from(trials);
        assert!(size <= 0.065, "seeds {seeds}, sd {sd:?}: {size}");
    }
}

#[test]
fn ignoring_the_seeds_would_cry_wolf() {
    // Why seeds are crossed with questions: pooled over seeds as more questions, the same data reject far too often.
    let mut random = Random::new(4);
    let trials = 500;
    let rejected = (0..trials)
        .filter(|_| {
            let d = crossed(&mut random, 3, 100, 1, [0.2, 0.0, 0.5, 0.5]).concat();
            let alone: Vec<usize> = (0..d.len()).collect();
            paired(&d, &vec![0.0; d.len()], &alone, 0.05).unwrap().p_value <= 0.05
        })
        .count();
    assert!(rejected > trials / 5, "{rejected}");
}

#[test]
fn the_minimum_detectable_effect_is_found_four_times_in_five() {
    close(minimum_detectable_effect(1.0, f64::INFINITY, 0.05, 0.8), 1.959_964 + 0.841_621, 1e-5);
    let mut random = Random::new(5);
    let trials = 1500;
    // With independent questions the standard error is known: 1 / sqrt(200).
    let effect = minimum_detectable_effect(1.0 / 200f64.sqrt(), 199.0, 0.05, 0.8);
    let alone: Vec<usize> = (0..200).collect();
    let found = (0..trials)
        .filter(|_| {
            let a: Vec<f64> = (0..200).map(|_| effect + normal(&mut random)).collect();
            paired(&a, &vec![0.0; 200], &alone, 0.05).unwrap().p_value <= 0.05
        })
        .count();
    let power = found as f64 / f64::from(trials);
    assert!((0.77..=0.83).contains(&power), "{power}");
}

proptest! {
    #[test]
    fn intervals_hold_the_share_and_lie_within_0_and_1(n in 1usize..400, share in 0.0f64..=1.0, alpha in 0.001f64..0.5) {
        let successes = ((n as f64) * share).round() as usize;
        let p = successes as f64 / n as f64;
        for (low, high) in [wilson(successes as f64, n as f64, alpha), jeffreys(successes, n, alpha)] {
            prop_assert!(0.0 <= low && low <= p + 1e-12 && p <= high + 1e-12 && high <= 1.0, "{low} {p} {high}");
        }
    }

    #[test]
    fn order_of_seeds_and_sign_do_not_matter(rows in prop::collection::vec(prop::collection::vec(0.0f64..1.0, 8), 2..5)) {
        let baseline = vec![vec![0.5; 8]; rows.len()];
        let ahead = crossed_comparison(&rows, &baseline, none(), 0.05).unwrap();
        let mut reversed = rows.clone();
        reversed.reverse();
        let behind = crossed_comparison(&baseline, &reversed, none(), 0.05).unwrap();
        prop_assert!((ahead.difference + behind.difference).abs() < 1e-12);
        prop_assert!((ahead.p_value - behind.p_value).abs() < 1e-9);
        prop_assert!(ahead.interval.0 <= ahead.difference && ahead.difference <= ahead.interval.1);
    }

    #[test]
    fn corrected_p_values_are_no_smaller_and_keep_their_order(p in prop::collection::vec(0.0f64..=1.0, 1..8)) {
        let corrected = holm(&p);
        for (i, &a) in p.iter().enumerate() {
            prop_assert!(corrected[i] >= a && corrected[i] <= 1.0);
            for (j, &b) in p.iter().enumerate() {
                prop_assert!(a > b || corrected[i] <= corrected[j]);
            }
        }
    }
}
