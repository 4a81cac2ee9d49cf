//! From folder to folder: the same as in memory, in shards, in the numbers' own format; and what can't be read.

use crate::support::{busy_folder, config, distance, engine_logits, grow_into, growth, llama, phi, small, text, times};
use phi_growth::{Blueprint, GrowthError, Method, ModelFolder, Weights, grow};
use phi_model::{Checkpoint, FloatFormat, TensorFiles, TensorInfo, TensorWriter};
use proptest::prelude::*;
use serde_json::json;

type Tensors = Vec<(String, TensorInfo)>;

#[test]
fn a_folder_grows_to_the_bytes_that_growth_in_memory_gives_in_one_file_or_many() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("small"), dir.path().join("large"));
    small().save(&from).unwrap();
    let folder = ModelFolder::open(&from).unwrap();
    let target = config(4, 6);
    let shape = Blueprint::of_phi(&target).unwrap().shape().clone();
    for method in Method::ALL {
        let expected = grow(&small(), &target, &growth(method)).unwrap();
        for most_bytes in [u64::MAX, 40_000] {
            folder.grow(&shape, &growth(method), &to, most_bytes, &mut |_| true).unwrap();
            assert_eq!(Checkpoint::load(&to).unwrap(), expected, "{method}");
            let files = std::fs::read_dir(&to)
                .unwrap()
                .filter(|f| f.as_ref().unwrap().path().extension() == Some("safetensors".as_ref()));
            assert_eq!(files.count() > 1, most_bytes == 40_000, "no file of an earlier growth is left");
        }
    }
    // And shards are read as well as they are written.
    let again = dir.path().join("again");
    let shape = Blueprint::of_phi(&config(8, 6)).unwrap().shape().clone();
    let grown = grow_into(&ModelFolder::open(&to).unwrap(), &shape, &growth(Method::Tiling), &again).unwrap();
    assert_eq!(grown.blueprint().num_params(), config(8, 6).num_params());
}

#[test]
fn half_precision_stays_half_precision_and_exact_copies_keep_the_function_in_it() {
    let dir = tempfile::tempdir().unwrap();
    for (i, format) in [FloatFormat::Bf16, FloatFormat::F16].into_iter().enumerate() {
        let model = busy_folder(&llama("llama", 4, 2, &json!({})), format, &dir.path().join(i.to_string()));
        let target = times(model.blueprint().shape(), 2, 3);
        let exact = phi_growth::Growth { snr_db: None, ..growth(Method::TilingPreserving) };
        let large = grow_into(&model, &target, &exact, &dir.path().join("large")).unwrap();
        let files = TensorFiles::open(large.dir()).unwrap();
        assert!(files.names().all(|name| files.info(name).unwrap().format == format));
        // Halving is exact, so nothing is lost.
        let moved = distance(&engine_logits(model.dir(), &text(40)), &engine_logits(large.dir(), &text(40)));
        assert!(moved < 1e-5, "{moved}");
    }
}

#[test]
fn what_is_broken_is_told_with_file_and_tensor_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("small");
    let good = busy_folder(&phi(2, 2), FloatFormat::F32, &path);
    let open = || ModelFolder::open(&path).map(|_| ()).unwrap_err().to_string();
    let error = grow_into(&good, good.blueprint().shape(), &growth(Method::Tiling), &path).unwrap_err();
    assert!(matches!(error, GrowthError::SameFolder(_)), "{error}");

    let weights = std::fs::read(path.join("model.safetensors")).unwrap();
    std::fs::write(path.join("model.safetensors"), &weights[..weights.len() - 4]).unwrap();
    assert!(open().contains("model.safetensors is not a whole safetensors file"), "{}", open());
    std::fs::write(path.join("model.safetensors"), &weights[..5]).unwrap();
    assert!(open().contains("is not a whole safetensors file"), "{}", open());
    std::fs::write(path.join("model.safetensors"), [&u64::MAX.to_le_bytes()[..], &weights[8..]].concat()).unwrap();
    assert!(open().contains("is not a whole safetensors file"), "{}", open());

    let info = |shape: Vec<usize>| TensorInfo { shape, format: FloatFormat::F32 };
    let write = |change: &dyn Fn(&mut Tensors)| {
        let shape = good.blueprint().shape();
        let mut tensors: Vec<_> =
            good.blueprint().tensors().iter().map(|t| (t.name.clone(), info(t.shape(shape)))).collect();
        change(&mut tensors);
        let mut writer = TensorWriter::create(&path, tensors, u64::MAX).unwrap();
        for (_, info) in writer.order() {
            writer.write(&vec![0; info.bytes() as usize]).unwrap();
        }
        writer.finish().unwrap();
    };
    write(&|tensors| tensors[3].1.shape[0] += 1);
    assert!(open().contains("has shape [17, 16] instead of [16, 16]"), "{}", open());
    write(&|tensors| drop(tensors.remove(3)));
    assert!(open().contains("model.layers.0.self_attn.q_proj.weight is missing"), "{}", open());
    write(&|tensors| tensors.push(("model.layers.0.mlp.fc3.weight".into(), info(vec![1]))));
    assert!(open().contains("fc3.weight is none of a phi's"), "{}", open());
    write(&|tensors| tensors.push(("model.layers.0.self_attn.rotary_emb.inv_freq".into(), info(vec![2]))));
    assert!(ModelFolder::open(&path).is_ok(), "rotary frequencies follow from the configuration");

    let mut other = phi(2, 2);
    other["model_type"] = json!("gpt2");
    for (name, value) in [("n_embd", 16), ("n_head", 2), ("n_layer", 2), ("n_positions", 64)] {
        other[name] = json!(value);
    }
    std::fs::write(path.join("config.json"), other.to_string()).unwrap();
    assert!(open().contains("family \"gpt2\" can't be grown; these can: phi, llama, mistral"), "{}", open());
}

#[test]
fn a_growth_that_is_stopped_leaves_what_lay_there_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let folder = busy_folder(&phi(2, 2), FloatFormat::F32, &dir.path().join("small"));
    let to = dir.path().join("large");
    let target = times(folder.blueprint().shape(), 2, 2);
    grow_into(&folder, &target, &growth(Method::Tiling), &to).unwrap();
    let before = std::fs::read(to.join("model.safetensors")).unwrap();
    let mut asked = 0;
    let stopped = folder.grow(&target, &growth(Method::Diagonal), &to, u64::MAX, &mut |written| {
        asked += 1;
        assert!(written.bytes <= written.of);
        asked < 5
    });
    assert!(matches!(stopped, Err(GrowthError::Interrupted)));
    assert_eq!(std::fs::read(to.join("model.safetensors")).unwrap(), before);
    assert!(std::fs::read_dir(&to).unwrap().all(|f| f.unwrap().path().extension() != Some("part".as_ref())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_written_in_shards_is_read_back(
        lengths in proptest::collection::vec((1_usize..9, 0_usize..3), 1..12),
        most_bytes in 1_u64..64,
        piece in 1_usize..9,
    ) {
        let formats = [FloatFormat::F32, FloatFormat::F16, FloatFormat::Bf16];
        let dir = tempfile::tempdir().unwrap();
        let tensors: Vec<_> = lengths.iter().enumerate().map(|(i, (len, format))| {
            (format!("t{i}"), TensorInfo { shape: vec![*len], format: formats[*format] })
        }).collect();
        let numbers = |name: &str, len: usize| -> Vec<f32> {
            (0..len).map(|i| (i * 8 + name.len() + name.as_bytes()[1] as usize % 8) as f32).collect()
        };
        let mut writer = TensorWriter::create(dir.path(), tensors.clone(), most_bytes).unwrap();
        for (name, info) in writer.order() {
            let mut bytes = Vec::new();
            info.format.narrow(&numbers(&name, info.numel()), &mut bytes);
            for part in bytes.chunks(piece) {
                writer.write(part).unwrap();
            }
        }
        writer.finish().unwrap();
        let files = TensorFiles::open(dir.path()).unwrap();
        prop_assert_eq!(files.names().count(), tensors.len());
        for (name, info) in tensors {
            prop_assert_eq!(&files.info(&name).unwrap(), &info);
            prop_assert_eq!(files.tensor(&name).unwrap().data().to_vec(), numbers(&name, info.numel()));
        }
    }
}

#[test]
fn the_units_and_ranks_of_a_folder_are_those_of_the_model_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let large = grow(&small(), &config(4, 6), &growth(Method::Diagonal)).unwrap();
    small().save(&dir.path().join("small")).unwrap();
    large.save(&dir.path().join("large")).unwrap();
    let open = |name: &str| ModelFolder::open(&dir.path().join(name)).unwrap();
    let of_folders = phi_growth::GrowthReport::new(&open("small"), &open("large"), &growth(Method::Diagonal)).unwrap();
    let in_memory = phi_growth::GrowthReport::new(&small(), &large, &growth(Method::Diagonal)).unwrap();
    assert_eq!(of_folders, in_memory);
    assert_eq!(open("small").blueprint(), &Weights::blueprint(&small()));
}
