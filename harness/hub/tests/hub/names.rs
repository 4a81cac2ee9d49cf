//! Names of repositories and settings from the environment.

use phi_hub::{HubError, HubSettings, Repo};
use proptest::prelude::*;
use std::path::PathBuf;

#[test]
fn a_name_has_an_organisation_and_may_have_a_revision() {
    let repo = Repo::model("microsoft/phi-1_5@refs/pr/3").unwrap();
    assert_eq!((repo.id(), repo.revision()), ("microsoft/phi-1_5", "refs/pr/3"));
    assert_eq!(Repo::model("microsoft/phi-1").unwrap().revision(), "main");
    assert_eq!(Repo::dataset("squad").unwrap().id(), "squad");
    for wrong in ["", "phi", "/phi", "org/", "a/b/c", "../x", "org/../x", "org/a b", "org/a@", "org/a@../x", "a--b/c"] {
        assert!(matches!(Repo::model(wrong), Err(HubError::Name { .. })), "{wrong}");
    }
}

#[test]
fn the_hub_s_own_variables_are_read_as_its_client_reads_them() {
    let from = |pairs: &'static [(&str, &str)]| {
        let find = move |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned());
        HubSettings::from_variables(&find)
    };
    let settings = from(&[("HOME", "/h")]).unwrap();
    assert_eq!(settings.cache, PathBuf::from("/h/.cache/huggingface/hub"));
    assert_eq!(settings.endpoint, "https://huggingface.co");
    assert!(!settings.offline && settings.token.is_none());

    let settings = from(&[
        ("HF_HOME", "/hf"),
        ("HF_ENDPOINT", "http://mirror.example/"),
        ("HF_HUB_OFFLINE", "YES"),
        ("HF_TOKEN", "hf_secret"),
        ("HF_HUB_DOWNLOAD_TIMEOUT", "7"),
    ])
    .unwrap();
    assert_eq!(settings.cache, PathBuf::from("/hf/hub"));
    assert_eq!(settings.endpoint, "http://mirror.example");
    assert!(settings.offline);
    assert_eq!(settings.http.stall.as_secs(), 7);
    assert!(!format!("{settings:?}").contains("hf_secret"), "the token never shows");

    for (pairs, word) in [
        (&[("HF_ENDPOINT", "mirror.example")][..], "http://"),
        (&[("HF_HUB_DOWNLOAD_TIMEOUT", "soon")], "seconds"),
        (&[("HF_TOKEN", "two words")], "one word"),
    ] {
        let error = from(Box::leak(pairs.to_vec().into_boxed_slice())).unwrap_err().to_string();
        assert!(error.contains(word) && error.contains(pairs[0].0), "{error}");
        assert!(!error.contains("two words"), "{error}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_name_that_leaves_the_cache(text in ".{0,40}") {
        if let Ok(repo) = Repo::model(&text) {
            prop_assert!(!repo.id().contains("..") && !repo.revision().split('/').any(|part| part == ".."));
        }
    }
}
