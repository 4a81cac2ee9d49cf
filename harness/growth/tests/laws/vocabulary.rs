//! A vocabulary that grows: the old tokens' logits stay, and the new tokens take little.

use crate::support::{busy_folder, distance, engine_logits, grow_into, growth, llama, phi, text, times};
use phi_growth::{GrowthReport, Method, Shape};
use phi_model::FloatFormat;
use serde_json::json;

#[test]
fn old_logits_stay_and_new_tokens_take_at_most_their_share_of_the_entries() {
    let dir = tempfile::tempdir().unwrap();
    let (old, all) = (128, 192);
    let models =
        [phi(2, 2), llama("llama", 4, 2, &json!({})), llama("qwen2", 4, 2, &json!({ "tie_word_embeddings": true }))];
    for (i, config) in models.iter().enumerate() {
        let small = busy_folder(config, FloatFormat::F32, &dir.path().join(i.to_string()));
        let before = engine_logits(small.dir(), &text(60));
        for (method, n) in
            [(Method::Tiling, 1), (Method::TilingPreserving, 2), (Method::Net2net, 2), (Method::Diagonal, 2)]
        {
            let target = Shape { vocab_size: all, ..times(small.blueprint().shape(), n, 2) };
            let large = grow_into(&small, &target, &growth(method), &dir.path().join("large")).unwrap();
            let after = engine_logits(large.dir(), &text(60));
            let kept: Vec<f32> = after.chunks_exact(all).flat_map(|row| row[..old].to_vec()).collect();
            let moved = distance(&before, &kept);
            assert!(moved < 1e-5, "{} {method}: {moved}", large.blueprint().family());

            let most =
                GrowthReport::of_shapes(small.blueprint(), large.blueprint(), &growth(method)).new_tokens_probability;
            assert_eq!(most, Some(64.0 / 192.0));
            for row in after.chunks_exact(all) {
                let exp: Vec<f64> = row.iter().map(|x| f64::from(*x).exp()).collect();
                let new = exp[old..].iter().sum::<f64>() / exp.iter().sum::<f64>();
                assert!(new <= most.unwrap() + 1e-6, "{new}");
                let mean = row[..old].iter().sum::<f32>() / old as f32;
                assert!(row[old..].iter().all(|x| (x - mean).abs() < 1e-4), "a new logit is the mean logit");
            }
        }
    }
}
