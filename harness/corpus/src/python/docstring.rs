//! Which string is a docstring.

use tree_sitter::Node;

/// Whether a statement is the docstring of the module, class or function that it stands in: a string alone, first in its
/// block.
pub(crate) fn is_docstring(statement: Node<'_>) -> bool {
    let is_string = statement.kind() == "expression_statement"
        && statement.named_child_count() == 1
        && statement.named_child(0).is_some_and(|child| child.kind() == "string");
    let Some(block) = statement.parent().filter(|_| is_string) else { return false };
    let owns = match block.kind() {
        "module" => true,
        "block" => {
            block.parent().is_some_and(|owner| matches!(owner.kind(), "function_definition" | "class_definition"))
        }
        _ => false,
    };
    let mut cursor = block.walk();
    let mut statements = block.named_children(&mut cursor).filter(|child| child.kind() != "comment");
    owns && statements.next() == Some(statement)
}
