//! Lists: searched, sorted, read in parts; and the audit log.

use std::collections::HashSet;

use glovebox_server::Role;

use super::{Browser, between};
use crate::place::{Place, everywhere};

async fn staff(place: &Place) -> Browser {
    Browser::of(place, "staff", &[Role::StaffAreaAdministrator]).await
}

/// The first cells of the rows, without their markup.
fn first_cells(page: &str) -> Vec<String> {
    let Some((_, body)) = page.split_once("<tbody>") else {
        return Vec::new();
    };
    let body = body.split("</tbody>").next().unwrap();
    let rows = body.split("<tr>").skip(1);
    let cells = rows.map(|row| {
        let cell = between(row, "<td", "</td>");
        let cell = cell.split_once('>').expect("a cell").1;
        cell.split('>')
            .nth(1)
            .unwrap_or(cell)
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    });
    cells.collect()
}

#[tokio::test]
async fn lists_are_searched_sorted_and_read_in_parts() {
    everywhere(async |place| {
        let staff = staff(&place).await;
        let admin = place.admin().await;
        for number in 10..40 {
            let (slug, name) = (format!("org-{number}"), format!("Many {number}"));
            admin.create_organisation(&slug, &name).await.unwrap();
        }
        admin.create_organisation("odd", "100%_sure").await.unwrap();
        let list = async |query: &str| {
            let page = staff.get(&format!("/staff/organisations/{query}")).await;
            assert_eq!(page.status, 200, "{query}");
            (first_cells(&page.body), page.body)
        };
        let (all, page) = list("").await;
        assert_eq!((all.len(), all[0].as_str()), (25, "100%_sure"));
        assert!(page.contains("Organisations: 32") && page.contains("rel=\"next\""));
        assert!(page.contains("aria-sort=\"ascending\""));
        assert!(
            page.contains("href=\"/staff/organisations/?sort=-name\""),
            "{page}"
        );
        let (rest, page) = list("?part=1").await;
        assert_eq!(rest.len(), 7);
        assert!(page.contains("rel=\"prev\"") && !page.contains("rel=\"next\""));
        let seen: HashSet<_> = all.iter().chain(&rest).collect();
        assert_eq!(seen.len(), 32, "nothing is shown twice");

        let (down, _) = list("?sort=-name").await;
        assert_eq!(down[0], "Many 39");
        let (found, _) = list("?q=MANY+3").await;
        assert_eq!(found.len(), 10);
        let (down, page) = list("?q=many&sort=-slug").await;
        assert_eq!(down[0], "Many 39");
        assert!(
            page.contains("q=many&#38;sort=slug"),
            "the search is kept: {page}"
        );
        // What has a meaning to the database has none here.
        for (search, count) in [
            ("%25", 1),
            ("_sure", 1),
            ("y%253", 0),
            ("%27%3B--", 0),
            ("%5C", 0),
        ] {
            assert_eq!(
                list(&format!("?q={search}")).await.0.len(),
                count,
                "{search}"
            );
        }
        for query in [
            "?sort=nonsense",
            "?part=x",
            "?part=99999999999999999999",
            "?q=%00",
            "?%ff=%",
        ] {
            list(query).await;
        }
        assert!(list("?part=77").await.0.is_empty());
        place
    })
    .await;
}

#[tokio::test]
async fn every_list_sorts_by_each_of_its_columns() {
    everywhere(async |place| {
        let staff = staff(&place).await;
        for path in [
            "/staff/organisations/",
            "/staff/organisations/institute/",
            "/staff/projects/",
            "/staff/projects/sick-notes/",
            "/staff/workspaces/",
            "/staff/backends/",
            "/staff/backends/tpp/",
            "/staff/users/",
            "/staff/users/researcher/",
            "/staff/audit/",
        ] {
            let page = staff.get(path).await.body;
            let links: Vec<_> = page
                .split("<th scope=\"col\"")
                .skip(1)
                .filter_map(|head| head.split("</th>").next()?.split("href=\"").nth(1))
                .map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"))
                .collect();
            assert!(!links.is_empty(), "{path} sorts by nothing");
            for link in links {
                let sorted = staff.get(&link).await;
                assert_eq!(sorted.status, 200, "{link}");
                assert_eq!(
                    first_cells(&sorted.body).len(),
                    first_cells(&page).len(),
                    "{link}"
                );
            }
        }
        place
    })
    .await;
}

#[tokio::test]
async fn the_audit_log_is_read_to_its_end_and_taken_along() {
    everywhere(async |place| {
        let staff = staff(&place).await;
        let admin = place.admin().await;
        for number in 0..40 {
            let username = format!("person-{number}");
            admin.create_person(&username, "=SUM(1)").await.unwrap();
        }
        let audit = place.audit().await;
        for sort in ["", "?sort=at"] {
            let mut path = format!("/staff/audit/{sort}");
            let mut rows = 0;
            for _ in 0..20 {
                let page = staff.get(&path).await;
                assert_eq!(page.status, 200, "{path}");
                rows += first_cells(&page.body).len();
                let Some((_, rest)) = page.body.split_once("rel=\"next\" href=\"") else {
                    break;
                };
                path = rest.split('"').next().unwrap().replace("&#38;", "&");
            }
            assert_eq!(rows, audit.len(), "{sort}");
        }
        for (query, wanted) in [
            ("?action=person+created&subject=person-3", 11),
            ("?actor=staff", 1),
            ("?subject=person-39", 1),
            ("?until=2020-01-01", 0),
            ("?from=2999-01-01", 0),
            ("?actor=nobody", 0),
        ] {
            let page = staff.get(&format!("/staff/audit/{query}")).await.body;
            assert_eq!(first_cells(&page).len(), wanted, "{query}");
        }
        let file = staff.get("/staff/audit.csv?action=person_created").await;
        assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
        let people = audit
            .iter()
            .filter(|(_, action, _)| action == "person_created");
        assert_eq!(file.body.lines().count(), 1 + people.count());
        // More than are read at once.
        place
            .sql(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) \
                 INSERT INTO audit (at, actor, action, subject, details) \
                 SELECT i, 'setup', 'many', 'thing-' || i, '{}' FROM n",
            )
            .await;
        let file = staff.get("/staff/audit.csv?action=many").await;
        let lines: Vec<&str> = file.body.lines().skip(1).collect();
        let distinct: std::collections::BTreeSet<&&str> = lines.iter().collect();
        assert_eq!((lines.len(), distinct.len()), (600, 600));
        place
    })
    .await;
}
