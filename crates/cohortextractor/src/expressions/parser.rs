//! From tokens to a condition.
//!
//! Conditions and values share one grammar until an operator tells them apart, since `(` may open
//! either. So everything is parsed to a [`Node`], which then becomes one or the other.

use super::condition::{Arithmetic, Comparison, Condition, Operand};
use super::lexer::{ExpressionError, Token, tokens};

/// How deep parentheses, NOT and chains of arithmetic may go.
const MAX_DEPTH: u32 = 100;

enum Node {
    Condition(Condition),
    Value(Operand),
}

/// Parses a condition.
///
/// # Errors
/// If the text is no condition of this language.
pub fn parse_expression(text: &str) -> Result<Condition, ExpressionError> {
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Err(ExpressionError::Structure("the expression is empty"));
    }
    let mut parser = Parser {
        tokens: tokens.into_iter().peekable(),
        depth: 0,
    };
    let node = parser.any()?;
    if parser.tokens.peek().is_some() {
        return Err(ExpressionError::Structure(
            "the expression has something after its end: is an AND or OR missing?",
        ));
    }
    node.condition()
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    depth: u32,
}

impl Parser {
    fn any(&mut self) -> Result<Node, ExpressionError> {
        self.chain(&Token::Or, Self::all, Condition::Any)
    }

    fn all(&mut self) -> Result<Node, ExpressionError> {
        self.chain(&Token::And, Self::not, Condition::All)
    }

    /// One or more parts with a word between them.
    fn chain(
        &mut self,
        word: &Token,
        part: fn(&mut Self) -> Result<Node, ExpressionError>,
        join: fn(Vec<Condition>) -> Condition,
    ) -> Result<Node, ExpressionError> {
        let first = part(self)?;
        if self.tokens.peek() != Some(word) {
            return Ok(first);
        }
        let mut parts = vec![first.condition()?];
        while self.tokens.next_if_eq(word).is_some() {
            parts.push(part(self)?.condition()?);
        }
        Ok(Node::Condition(join(parts)))
    }

    fn not(&mut self) -> Result<Node, ExpressionError> {
        if self.tokens.next_if_eq(&Token::Not).is_none() {
            return self.comparison();
        }
        let inner = self.deeper(Self::not)?.condition()?;
        Ok(Node::Condition(Condition::Not(Box::new(inner))))
    }

    fn comparison(&mut self) -> Result<Node, ExpressionError> {
        let left = self.sum()?;
        let Some(comparison) = self.next_comparison() else {
            return Ok(left);
        };
        let left = left.value()?;
        let right = self.sum()?.value()?;
        if self.next_comparison().is_some() {
            return Err(ExpressionError::Structure(
                "comparisons cannot be chained: use AND",
            ));
        }
        Ok(Node::Condition(Condition::Compare {
            left,
            comparison,
            right,
        }))
    }

    fn next_comparison(&mut self) -> Option<Comparison> {
        match self
            .tokens
            .next_if(|token| matches!(token, Token::Comparison(_)))
        {
            Some(Token::Comparison(comparison)) => Some(comparison),
            _ => None,
        }
    }

    fn sum(&mut self) -> Result<Node, ExpressionError> {
        self.arithmetic(&[Arithmetic::Add, Arithmetic::Subtract], Self::product)
    }

    fn product(&mut self) -> Result<Node, ExpressionError> {
        self.arithmetic(&[Arithmetic::Multiply, Arithmetic::Divide], Self::primary)
    }

    fn arithmetic(
        &mut self,
        operators: &[Arithmetic],
        part: fn(&mut Self) -> Result<Node, ExpressionError>,
    ) -> Result<Node, ExpressionError> {
        let mut node = part(self)?;
        let mut length = 0;
        while let Some(Token::Arithmetic(operator)) = self.tokens.next_if(
            |token| matches!(token, Token::Arithmetic(operator) if operators.contains(operator)),
        ) {
            length += 1;
            if length > MAX_DEPTH {
                return Err(ExpressionError::TooComplex);
            }
            let left = Box::new(node.value()?);
            let right = Box::new(part(self)?.value()?);
            node = Node::Value(Operand::Arithmetic {
                left,
                operator,
                right,
            });
        }
        Ok(node)
    }

    fn primary(&mut self) -> Result<Node, ExpressionError> {
        let missing = ExpressionError::Structure("the expression ends too early");
        let node = match self.tokens.next().ok_or(missing)? {
            Token::Name(name) => {
                if self.tokens.peek() == Some(&Token::Open) {
                    return Err(ExpressionError::Structure(
                        "functions are not supported in an expression",
                    ));
                }
                Node::Value(Operand::Name(name))
            }
            Token::Int(number) => Node::Value(Operand::Int(number)),
            Token::Float(number) => Node::Value(Operand::Float(number)),
            Token::Text(text) => Node::Value(Operand::Text(text)),
            Token::Arithmetic(Arithmetic::Subtract) => self.negative()?,
            Token::Open => {
                let node = self.deeper(Self::any)?;
                if self.tokens.next() != Some(Token::Close) {
                    return Err(ExpressionError::Structure("a parenthesis is not closed"));
                }
                node
            }
            Token::Close => {
                return Err(ExpressionError::Structure(
                    "a parenthesis is closed but never opened",
                ));
            }
            Token::And | Token::Or | Token::Not | Token::Comparison(_) | Token::Arithmetic(_) => {
                return Err(ExpressionError::Structure(
                    "a name, number, string or parenthesis is missing before an operator",
                ));
            }
        };
        Ok(node)
    }

    fn negative(&mut self) -> Result<Node, ExpressionError> {
        match self.tokens.next() {
            Some(Token::Int(number)) => Ok(Node::Value(Operand::Int(-number))),
            Some(Token::Float(number)) => Ok(Node::Value(Operand::Float(-number))),
            _ => Err(ExpressionError::Structure(
                "a minus sign stands before something else than a number",
            )),
        }
    }

    fn deeper<T>(
        &mut self,
        parse: fn(&mut Self) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ExpressionError::TooComplex);
        }
        let result = parse(self);
        self.depth -= 1;
        result
    }
}

impl Node {
    fn condition(self) -> Result<Condition, ExpressionError> {
        match self {
            Self::Condition(condition) => Ok(condition),
            Self::Value(Operand::Name(name)) => Ok(Condition::Present(name)),
            Self::Value(_) => Err(ExpressionError::Structure(
                "a value stands where a condition is wanted: compare it with something",
            )),
        }
    }

    fn value(self) -> Result<Operand, ExpressionError> {
        match self {
            Self::Value(operand) => Ok(operand),
            Self::Condition(_) => Err(ExpressionError::Structure(
                "a condition stands where a value is wanted",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn precedence_is_that_of_sql() {
        let parsed = parse_expression("a OR NOT b AND c + 1 * 2 > -3").unwrap();
        let name = |name: &str| Condition::Present(name.to_owned());
        let product = Operand::Arithmetic {
            left: Box::new(Operand::Int(1)),
            operator: Arithmetic::Multiply,
            right: Box::new(Operand::Int(2)),
        };
        let sum = Operand::Arithmetic {
            left: Box::new(Operand::Name("c".to_owned())),
            operator: Arithmetic::Add,
            right: Box::new(product),
        };
        let compare = Condition::Compare {
            left: sum,
            comparison: Comparison::Greater,
            right: Operand::Int(-3),
        };
        let expected = Condition::Any(vec![
            name("a"),
            Condition::All(vec![Condition::Not(Box::new(name("b"))), compare]),
        ]);
        assert_eq!(parsed, expected);
    }

    #[test]
    fn what_studies_write_is_accepted() {
        for text in [
            "has_follow_up\n AND (age >=18 AND age <= 110)",
            "(sex = \"M\" OR sex = 'F') AND NOT stp = \"\"",
            "((age + 30) > 100 AND sex = 'M') OR has_asthma",
            "imd >= 32844*1/5 AND imd < 32844*2/5 -- second fifth",
            "a /* a comment */ AND b",
            "a # first\n AND # second; == 'x\r b # third",
            "a --\n AND -- x\r\n b --",
            "(foo='B' OR NOT foo) AND bar",
            "score >= 1.5 AND score != .5",
        ] {
            assert!(
                parse_expression(text).is_ok(),
                "{text}: {:?}",
                parse_expression(text)
            );
        }
    }

    #[test]
    fn what_the_language_lacks_is_refused() {
        let long = format!("s = '{}'", "a".repeat(65));
        let deep = format!("{}a{}", "(".repeat(2000), ")".repeat(2000));
        let nots = format!("{} a", "NOT ".repeat(2000));
        let sums = format!("a{} > 1", " + 1".repeat(2000));
        for text in [
            "s == 'a'",
            "s <> 'a'",
            "a and b",
            "a or b",
            "not a",
            "a IN (1, 2)",
            "a BETWEEN 1 AND 2",
            "a IS NULL",
            "TRUE",
            "a; b",
            "s = 'a-b'",
            "s = 'a",
            "LEN(a) > 1",
            "a b",
            "(a",
            "a)",
            "",
            "1",
            "'x'",
            "a +",
            "a < b < c",
            "(a AND b) > 1",
            "a > (b OR c)",
            "a = 1x",
            "/* a",
            "a % 2",
            "a #b",
            "# a",
            "a # AND b\n b",
            "é = 1",
            "99999999999999999999 > 1",
            &long,
            &deep,
            &nots,
            &sums,
        ] {
            assert!(parse_expression(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a(') =<>!+*/.0-9ANDORT\"é-]{0,60}") {
            let _ = parse_expression(&text);
        }
    }
}
