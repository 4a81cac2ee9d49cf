//! Packing into a folder: the same rows as in memory, after a kill too.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use phi_corpus::documents::{Input, ReadOptions, Reader, SkipLog};
use phi_corpus::{
    CorpusError, PackManifest, PackedFolder, Tokenizer, encode, pack, pack_into, prepare, stdlib_sources,
    train_tokenizer,
};

fn tokenizer() -> Tokenizer {
    let documents = stdlib_sources().unwrap();
    train_tokenizer(documents[..20].iter().map(|it| it.text.clone()).collect::<Vec<_>>(), 300).unwrap()
}

fn pack_stdlib(dir: &Path, tokenizer: &Tokenizer, stop: &AtomicBool) -> Result<PackManifest, CorpusError> {
    let reader = Reader::open(&Input::Stdlib, ReadOptions::default()).unwrap();
    let mut log = SkipLog::beside(dir);
    let mut pieces = 0;
    pack_into(dir, reader, tokenizer, 128, &mut log, stop, &mut |_| {
        pieces += 1;
        // A killed run: the flag is looked at after each piece.
        if pieces == 1 && dir.ends_with("broken") && !dir.join("stopped").exists() {
            std::fs::write(dir.join("stopped"), "").unwrap();
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    })
}

#[test]
fn a_stopped_run_goes_on_to_the_same_rows_which_are_those_of_packing_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, broken) = (folder.path().join("whole"), folder.path().join("broken"));
    let tokenizer = tokenizer();
    let manifest = pack_stdlib(&whole, &tokenizer, &AtomicBool::new(false)).unwrap();
    assert!(matches!(pack_stdlib(&broken, &tokenizer, &AtomicBool::new(false)), Err(CorpusError::Interrupted)));
    assert!(!PackedFolder::is_one(&broken));
    let resumed = pack_stdlib(&broken, &tokenizer, &AtomicBool::new(false)).unwrap();
    assert_eq!((manifest.pieces_kept, resumed.pieces_kept), (0, 1));
    assert_eq!(manifest.hash, resumed.hash);
    let rows = |dir: &Path| std::fs::read(dir.join("train.tokens")).unwrap();
    assert!(rows(&whole) == rows(&broken));

    let packed = PackedFolder::open(&whole).unwrap();
    let encoded = stdlib_sources().unwrap().into_iter().map(|it| encode(&tokenizer, &it.text).unwrap());
    let in_memory = pack(encoded, manifest.end_of_text, 128);
    let (train, validation) = (&packed.train, &packed.validation);
    assert_eq!(in_memory.num_rows(), train.num_rows() + validation.num_rows());
    assert_eq!(validation.num_rows(), 32);
    let (mut next_train, mut next_validation) = (0, 0);
    for row in 0..in_memory.num_rows() {
        let is_next = |rows: &phi_model::PackedTokens, at: usize| {
            at < rows.num_rows()
                && rows.inputs(at) == in_memory.inputs(row)
                && rows.targets(at) == in_memory.targets(row)
        };
        if is_next(train, next_train) {
            assert_eq!(train.weights(next_train), in_memory.weights(row));
            next_train += 1;
        } else {
            assert!(is_next(validation, next_validation), "row {row} is lost");
            next_validation += 1;
        }
    }
}

#[test]
fn training_takes_a_packed_folder_as_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = pack_stdlib(folder.path(), &tokenizer(), &AtomicBool::new(false)).unwrap();
    let prepared = prepare(folder.path(), None, 0, 128, 0).unwrap();
    assert_eq!((prepared.train.num_rows(), prepared.hash), (manifest.train_rows, manifest.hash));
    assert!(matches!(
        prepare(folder.path(), None, 0, 64, 0),
        Err(CorpusError::OtherRows { found: 128, wanted: 64, .. })
    ));
    let path = folder.path().join("train.tokens");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(matches!(prepare(folder.path(), None, 0, 128, 0), Err(CorpusError::Tokens(_))));
}
