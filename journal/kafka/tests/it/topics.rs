//! Topics as they have to be, and what is told of those that are not.

use talon_kafka::{Role, TopicError};
use talon_testkit::kafka;

use crate::broker::Topic;

#[test]
fn a_topic_that_was_made_is_as_it_has_to_be_and_is_made_once() {
    let Some(topic) = Topic::named() else { return };
    let admin = topic.admin();
    assert!(matches!(admin.check(Role::Journal), Err(TopicError::Absent(_))));
    admin.create(Role::Journal).expect("a topic");
    let findings = admin.check(Role::Journal).expect("a topic");
    let told: Vec<_> = findings.iter().map(ToString::to_string).collect();
    // One broker is nobody's fault; with three there is nothing to say.
    let is_alone = !kafka::servers().unwrap_or_default().contains(',');
    assert_eq!(told, if is_alone { vec!["replication.factor is 1, and has to be 3"] } else { vec![] });
    assert!(findings.iter().all(|finding| !finding.is_fault));
    assert!(matches!(admin.create(Role::Journal), Err(TopicError::Exists(_))));
    let as_intake: Vec<_> = admin.check(Role::Intake).expect("a topic").into_iter().filter(|of| of.is_fault).collect();
    assert_eq!(as_intake.len(), 1, "{as_intake:?}");
    assert_eq!(as_intake[0].to_string(), "retention.ms is -1, and has to be 604800000");
}
