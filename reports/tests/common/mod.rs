//! Synthetic runs: numbers drawn from a seeded generator, no model behind them.

#![allow(dead_code, reason = "each test file uses its own part")]

use phi_reports::{
    ArmRun, CurvePoint, GrowthFacts, LeftOut, Phase, RankFact, Run, ScorePoint, StatedComparison, StepRecord,
};
use phi_suites::{Response, Sample, Score};
use std::collections::BTreeMap;

/// SplitMix64 (Steele, Lea and Flood 2014): enough for made-up numbers.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// What an arm of a synthetic run is like.
#[derive(Clone, Copy)]
pub struct Spec {
    pub name: &'static str,
    /// Logit added to every question.
    pub skill: f64,
    /// Loss at the end of pretraining.
    pub final_loss: f64,
    pub grown: bool,
    pub is_control: bool,
}

pub const SPECS: [Spec; 5] = [
    Spec { name: "scratch", skill: 0.0, final_loss: 1.62, grown: false, is_control: false },
    Spec { name: "weight-reuse", skill: 0.05, final_loss: 1.61, grown: true, is_control: false },
    Spec { name: "tiling", skill: -0.05, final_loss: 1.64, grown: true, is_control: false },
    Spec { name: "tiling-preserving", skill: 0.9, final_loss: 1.52, grown: true, is_control: false },
    Spec { name: "no-alignment", skill: -4.5, final_loss: 1.62, grown: false, is_control: true },
];

/// So many arms, the first the baseline, every other one grown.
pub fn many(n: usize) -> Vec<Spec> {
    let arm = |i: usize| Spec {
        name: if i == 0 { "scratch" } else { Box::leak(format!("arm-{i:02}").into_boxed_str()) },
        skill: 0.06 * i as f64 - 0.3,
        final_loss: 1.7 - 0.01 * i as f64,
        grown: i % 2 == 1,
        is_control: false,
    };
    (0..n).map(arm).collect()
}

/// A plausible run of `--tiling` that never took place.
pub fn run(specs: &[Spec], seeds: u64, questions: usize) -> Run {
    let mut dice = Dice(20_260_201);
    let difficulty: Vec<f64> = (0..questions).map(|q| 1.0 - (q % 3) as f64 * 1.1 + 0.9 * dice.normal()).collect();
    let mut arms = Vec::new();
    for spec in specs {
        for seed in 0..seeds {
            arms.push(arm(spec, seed, &difficulty, &mut dice));
        }
    }
    Run {
        key: "synthetic-0001".to_owned(),
        name: "tiling (SYNTHETIC)".to_owned(),
        question: "Synthetic example: does growing a small model into a large one beat training the large one from scratch at equal FLOPs?".to_owned(),
        recipe: "name = \"tiling\"\nmatch = \"flops\"\nseeds = 3\n\n[[arms]]\nname = \"scratch\"\ninit = \"random\"\n".to_owned(),
        command: "phi-bench ablate --tiling --seeds 3".to_owned(),
        started_unix_s: 1_769_947_500,
        compute_s: 1_034.5,
        environment: facts(&[("data", "synthetic: no model was trained"), ("processor", "none"), ("cores", "2"), ("phi-bench", "0.1.0")]),
        corpus: facts(&[("documents", "12,840"), ("tokens", "6,291,456"), ("exercises kept", "9,000"), ("exercises rejected", "412")]),
        baseline: "scratch".to_owned(),
        primary: ("code_exercises".to_owned(), "pass@1".to_owned()),
        arms,
        left_out: vec![LeftOut {
            task: "humaneval".to_owned(),
            why: "no data folder and no hub".to_owned(),
            how: "set PHI_BENCH_DATA to a folder that holds humaneval/".to_owned(),
        }],
        comparisons: stated(specs),
        steps: [("corpus", "corpus of synthetic text"), ("pretrain", "pretrain scratch, seed 0")]
            .map(|(kind, label)| StepRecord { key: format!("key of {kind}"), kind: kind.to_owned(), label: label.to_owned(), seconds: 12.5 })
            .to_vec(),
    }
}

/// Every grown arm against the one before it.
fn stated(specs: &[Spec]) -> Vec<StatedComparison> {
    let grown: Vec<&Spec> = specs.iter().filter(|s| s.grown && !s.is_control).collect();
    let stated = grown.windows(2).map(|pair| StatedComparison {
        arm: pair[1].name.to_owned(),
        against: pair[0].name.to_owned(),
        task: "code_exercises".to_owned(),
        metric: "pass@1".to_owned(),
        question: format!("Synthetic: is {} better than {}?", pair[1].name, pair[0].name),
    });
    stated.collect()
}

fn facts(facts: &[(&str, &str)]) -> Vec<(String, String)> {
    facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn arm(spec: &Spec, seed: u64, difficulty: &[f64], dice: &mut Dice) -> ArmRun {
    let luck = 0.05 * dice.normal();
    let samples: Vec<Sample> = difficulty
        .iter()
        .enumerate()
        .map(|(q, ease)| {
            let chance = 1.0 / (1.0 + (-(ease + spec.skill + luck + 0.3 * dice.normal())).exp());
            sample(q, [0; 4].map(|_| dice.unit() < chance))
        })
        .collect();
    let inherited = if spec.grown { 1.1e13 } else { 0.0 };
    ArmRun {
        arm: spec.name.to_owned(),
        description: format!("Synthetic arm {}.", spec.name),
        seed,
        params: 1_130_240,
        inherited_flops: inherited,
        pretrain_flops: 5.2e13 - inherited,
        align_flops: 1.3e13,
        train_s: 61.0 + dice.unit(),
        curve: curve(spec, inherited, dice),
        scores: [1, 2, 4].iter().map(|k| score(&samples, &format!("pass@{k}"))).collect(),
        samples,
        growth: spec.grown.then(|| GrowthFacts {
            method: spec.name.to_owned(),
            params: (310_000, 1_130_240),
            val_loss: (1.9, if spec.name == "tiling-preserving" { 1.9 } else { 4.2 }),
            block_cosine: (spec.name != "weight-reuse").then_some(0.998),
            block_cosine_after_training: (spec.name != "weight-reuse").then_some(0.61),
            ranks: ["self_attn.q_proj", "mlp.fc1"].map(rank).to_vec(),
            dead_width: (spec.name == "tiling")
                .then(|| "50 % of the width is dead: of 128 residual units only 64 differ (synthetic).".to_owned()),
        }),
        is_control: spec.is_control,
        peak_memory_bytes: Some(341_000_000 + (dice.unit() * 1e7) as u64),
        latency_ms_per_token: Some(0.42 + 0.02 * dice.unit()),
        score_curve: score_curve(spec, inherited, dice),
    }
}

fn rank(matrix: &str) -> RankFact {
    RankFact { matrix: matrix.to_owned(), effective: (48.25, 57.5), full: (64, 128) }
}

fn score_curve(spec: &Spec, inherited: f64, dice: &mut Dice) -> Vec<ScorePoint> {
    let points = (0..=8).map(|i| {
        let share = f64::from(i) / 8.0;
        let value = (0.5 + 0.12 * spec.skill) * share.powf(0.6) + 0.01 * dice.unit();
        let value = value.clamp(0.0, 1.0);
        ScorePoint {
            phase: Phase::Align,
            step: u64::from(i as u32) * 12,
            tokens: 3_200_000 + u64::from(i as u32) * 50_000,
            flops: inherited + 5.2e13 + 1.3e13 * share,
            task: "code_exercises".to_owned(),
            metric: "pass@1".to_owned(),
            value,
            interval: phi_suites::stats::wilson(value * 100.0, 100.0, 0.05),
        }
    });
    points.collect()
}

fn curve(spec: &Spec, inherited: f64, dice: &mut Dice) -> Vec<CurvePoint> {
    let steps = if spec.grown { 320 } else { 400 };
    let start = match spec.name {
        "tiling-preserving" => 1.9,
        _ if spec.grown => 4.2,
        _ => 7.1,
    };
    let shift = 0.01 * dice.normal();
    let mut points: Vec<CurvePoint> = (0..=steps / 20)
        .map(|i| {
            let step = i * 20;
            let left = 1.0 - step as f64 / steps as f64;
            let noise = if step == 0 { 0.0 } else { shift + 0.004 * dice.normal() };
            let loss = spec.final_loss
                + (start - spec.final_loss) * left * (-(step as f64) / 45.0).exp()
                + 0.25 * left * left
                + noise;
            CurvePoint {
                phase: Phase::Pretrain,
                step,
                tokens: step * 8_192,
                flops: inherited + (5.2e13 - inherited) * step as f64 / steps as f64,
                train_loss: (step > 0).then_some(loss - 0.02),
                val_loss: Some(loss),
            }
        })
        .collect();
    points.push(CurvePoint {
        phase: Phase::Align,
        step: 100,
        tokens: 400_000,
        flops: 6.5e13,
        train_loss: Some(0.4),
        val_loss: Some(0.42),
    });
    points
}

pub fn sample(q: usize, passes: [bool; 4]) -> Sample {
    let any = |k: usize| f64::from(u8::from(passes[..k].iter().any(|p| *p)));
    let responses = passes
        .iter()
        .map(|passed| Response {
            text: format!("    return x + {}{}\n", q % 7, if *passed { "" } else { "  # </script><b>not bold</b>" }),
            log_likelihood: None,
            is_greedy: None,
            verdict: Some(if *passed { "passed" } else { "failed" }.to_owned()),
            detail: (!*passed).then(|| "AssertionError".to_owned()),
        })
        .collect();
    Sample {
        task: "code_exercises".to_owned(),
        doc_id: q,
        key: format!("code_exercises/{q:04}"),
        cluster: format!("code_exercises/{q:04}"),
        group: ["one rule", "two rules", "three rules"][q % 3].to_owned(),
        prompt: format!("def add_{q}(x):\n    \"\"\"Return x plus {} (synthetic).\"\"\"\n", q % 7),
        target: format!("    return x + {}\n", q % 7),
        responses,
        metrics: BTreeMap::from([
            ("pass@1".to_owned(), any(1)),
            ("pass@2".to_owned(), any(2)),
            ("pass@4".to_owned(), any(4)),
        ]),
        pairs: BTreeMap::new(),
    }
}

pub fn score(samples: &[Sample], metric: &str) -> Score {
    let n = samples.len();
    let value = samples.iter().map(|s| s.metrics[metric]).sum::<f64>() / n as f64;
    Score {
        task: "code_exercises".to_owned(),
        metric: metric.to_owned(),
        value,
        stderr: (value * (1.0 - value) / (n - 1) as f64).sqrt(),
        n,
        clusters: n,
        interval: phi_suites::stats::wilson(value * n as f64, n as f64, 0.05),
        interval_method: "wilson".to_owned(),
        higher_is_better: true,
    }
}

/// Draws every sample of one arm anew: each question is right with this chance.
pub fn redraw(run: &mut Run, arm: &str, chance: impl Fn(usize) -> f64, dice: &mut Dice) {
    for arm in run.arms.iter_mut().filter(|a| a.arm == arm) {
        arm.samples = (0..arm.samples.len()).map(|q| sample(q, [0; 4].map(|_| dice.unit() < chance(q)))).collect();
        arm.scores = ["pass@1", "pass@2", "pass@4"].iter().map(|m| score(&arm.samples, m)).collect();
    }
}

/// A run of one arm and one seed with these outcomes: task, metric, value of each question.
pub fn outcomes(scores: &[(&str, &str, Vec<f64>)]) -> Run {
    let mut run = run(&SPECS[..1], 1, 1);
    let arm = &mut run.arms[0];
    (arm.samples, arm.scores) = (Vec::new(), Vec::new());
    for (task, metric, values) in scores {
        let mut samples: Vec<Sample> = (0..values.len()).map(|q| sample(q, [false; 4])).collect();
        for (sample, value) in samples.iter_mut().zip(values) {
            sample.task = (*task).to_owned();
            sample.key = format!("{task}/{:05}", sample.doc_id);
            sample.cluster.clone_from(&sample.key);
            sample.metrics = BTreeMap::from([((*metric).to_owned(), *value)]);
        }
        arm.scores.push(Score { task: (*task).to_owned(), ..score(&samples, metric) });
        arm.samples.extend(samples);
    }
    run
}

/// A plausible run of `--data` that never took place: what arms are pretrained on, phi-1's findings as questions, and scores split
/// by resemblance. The question `Do exercises help with sums?` has no data.
pub fn data_run() -> Run {
    let spec = |name, skill| Spec { name, skill, final_loss: 1.7, grown: false, is_control: false };
    let specs = [
        spec("raw", -5.0),
        spec("filtered", -4.2),
        spec("filtered+textbooks", -2.9),
        spec("filtered+textbooks+exercises", -0.4),
        spec("random+exercises", -0.5),
    ];
    let mut run = run(&specs, 3, 240);
    run.name = "data (SYNTHETIC)".to_owned();
    run.question = "Synthetic: what do filtering the code, textbooks and exercises each add?".to_owned();
    run.baseline = "raw".to_owned();
    let stated = |arm: &str, against: &str, task: &str, question: &str| StatedComparison {
        arm: arm.to_owned(),
        against: against.to_owned(),
        task: task.to_owned(),
        metric: "pass@1".to_owned(),
        question: question.to_owned(),
    };
    run.comparisons = vec![
        stated("filtered", "raw", "code_exercises", "Is filtered code better than raw code?"),
        stated(specs[2].name, "filtered", "code_exercises", "Do textbooks add to filtered code?"),
        stated(specs[3].name, specs[2].name, "code_exercises", "Do exercises add to all of it?"),
        stated(specs[3].name, specs[4].name, "code_exercises", "Do filter and textbooks still matter with exercises?"),
        stated(specs[3].name, specs[2].name, "gsm8k", "Do exercises help with sums?"),
    ];
    for arm in &mut run.arms {
        arm.description = format!("from random weights; pretrained on {}", arm.arm.replace('+', " and "));
        for way in ["syntax-0.95", "syntax-0.8", "embedding-0.95"] {
            let is_similar = |q: usize| q.is_multiple_of(if way == "syntax-0.8" { 2 } else { 4 });
            for sample in &mut arm.samples {
                let side = if is_similar(sample.doc_id) { "similar" } else { "other" };
                sample.metrics.insert(format!("pass@1,{side}-{way}"), sample.metrics["pass@1"]);
            }
            for side in ["similar", "other"] {
                let metric = format!("pass@1,{side}-{way}");
                let part: Vec<Sample> =
                    arm.samples.iter().filter(|it| it.metrics.contains_key(&metric)).cloned().collect();
                arm.scores.push(score(&part, &metric));
            }
        }
    }
    run
}
