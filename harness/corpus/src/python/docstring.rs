//! Which string is a docstring.

use super::Place;

/// Whether a statement is the docstring of the module, class or function that it stands in: a string alone, first in its
/// block.
pub(crate) fn is_docstring(statement: &Place<'_, '_>) -> bool {
    let node = statement.node;
    let is_string = node.kind() == "expression_statement"
        && node.named_child_count() == 1
        && node.named_child(0).is_some_and(|child| child.kind() == "string");
    let Some(block) = statement.above.last().filter(|_| is_string) else { return false };
    let owns = match block.kind() {
        "module" => true,
        "block" => matches!(statement.kind_above(2), "function_definition" | "class_definition"),
        _ => false,
    };
    if !owns {
        return false;
    }
    let mut cursor = block.walk();
    block.named_children(&mut cursor).find(|child| child.kind() != "comment") == Some(node)
}
