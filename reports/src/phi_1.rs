//! What phi-1 published (Gunasekar et al., "Textbooks Are All You Need", arXiv 2306.11644), to stand beside a run.

/// Figure 2.1: HumanEval pass@1 in per cent by training data, of 350 million parameters after 26 and after 76 billion tokens,
/// and of 1.3 billion parameters.
pub(crate) const FIGURE_2_1: [(&str, [u32; 3]); 3] =
    [("The Stack+", [11, 12, 17]), ("CodeTextbook", [16, 20, 29]), ("CodeTextbook, then CodeExercises", [41, 45, 51])];

/// Table 3: match rate of syntax trees, which problems of HumanEval, how many, and pass@1 in per cent of phi-1, of phi-1
/// retrained on exercises that are pruned at that rate, and of StarCoder-Prompted.
pub(crate) const TABLE_3: [(&str, &str, u32, f64, f64, f64); 12] = [
    ("0.95", "similar", 71, 81.7, 74.6, 57.7),
    ("0.95", "others", 93, 26.9, 32.3, 29.0),
    ("0.95", "all", 164, 50.6, 50.6, 41.5),
    ("0.90", "similar", 93, 63.4, 51.6, 48.4),
    ("0.90", "others", 71, 33.8, 36.6, 32.4),
    ("0.90", "all", 164, 50.6, 45.1, 41.5),
    ("0.85", "similar", 106, 62.3, 52.8, 47.2),
    ("0.85", "others", 58, 29.3, 34.5, 31.0),
    ("0.85", "all", 164, 50.6, 46.3, 41.5),
    ("0.80", "similar", 116, 59.5, 52.6, 45.7),
    ("0.80", "others", 48, 29.2, 27.1, 31.2),
    ("0.80", "all", 164, 50.6, 45.1, 41.5),
];
