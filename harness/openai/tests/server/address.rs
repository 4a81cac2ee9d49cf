//! Addresses of servers.

use phi_openai::{ApiKey, Client, Endpoint, ServerSettings};

#[test]
fn an_address_may_be_the_server_s_its_api_s_or_the_endpoint_s() {
    for address in ["http://h:1", "http://h:1/", "http://h:1/v1", "http://h:1/v1/", "http://h:1/v1/completions"] {
        assert_eq!(Endpoint::completions(address).unwrap().url(), "http://h:1/v1/completions", "{address}");
    }
    for address in ["https://h", "https://h/v1", "https://h/v1/chat/completions"] {
        assert_eq!(Endpoint::chat(address).unwrap().url(), "https://h/v1/chat/completions", "{address}");
    }
    assert_eq!(Endpoint::chat("http://h/api/v3").unwrap().url(), "http://h/api/v3/chat/completions");
}

#[test]
fn what_is_no_address_is_refused_with_the_reason() {
    for (address, word) in [
        ("localhost:8000", "http://"),
        ("ftp://h", "http://"),
        ("http://", "http://localhost"),
        ("http://a b", "http://localhost"),
        ("http://me:secret@h", "OPENAI_API_KEY"),
        ("http://h/v1/chat/completions", "openai-chat:"),
    ] {
        let error = Endpoint::completions(address).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    let error = Endpoint::chat("http://h/v1/completions").unwrap_err().to_string();
    assert!(error.contains("openai:"), "{error}");
}

#[test]
fn a_key_never_shows() {
    let mut settings = ServerSettings::new(Endpoint::chat("http://h").unwrap(), "m");
    settings.api_key = ApiKey::new(" sk-secret\n");
    assert!(!format!("{:?}", Client::new(settings).unwrap()).contains("sk-secret"));
    assert!(ApiKey::new("  ").is_none());
}
