//! What a model says, as JSON.

use serde::de::DeserializeOwned;

/// The JSON object that a reply is, or the first one that stands in it: models put it between fences or words, where the
/// server doesn't hold them to a schema.
///
/// # Errors
/// What is wrong, to be told to the model.
pub fn json_object<T: DeserializeOwned>(reply: &str) -> Result<T, String> {
    let begin = reply.find('{').ok_or("it holds no JSON object")?;
    let mut objects = serde_json::Deserializer::from_str(&reply[begin..]).into_iter::<T>();
    match objects.next() {
        Some(Ok(object)) => Ok(object),
        Some(Err(error)) if error.is_eof() => Err("its JSON object breaks off".to_owned()),
        Some(Err(error)) => Err(format!("its JSON object isn't as asked for ({error})")),
        None => Err("it holds no JSON object".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::json_object;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    struct One {
        x: u8,
    }

    #[test]
    fn an_object_is_found_between_fences_and_words_and_nothing_is_guessed() {
        for reply in ["{\"x\": 3}", "Sure!\n```json\n{\"x\": 3, \"y\": \"}\"}\n```\nBye {", " {\"x\":3}{\"x\":4}"] {
            assert_eq!(json_object::<One>(reply), Ok(One { x: 3 }), "{reply}");
        }
        for (reply, why) in [("3", "no JSON"), ("{\"x\": 3", "breaks off"), ("{\"x\": \"3\"}", "isn't as asked")] {
            assert!(json_object::<One>(reply).is_err_and(|error| error.contains(why)), "{reply}");
        }
    }
}
