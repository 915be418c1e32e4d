//! What holds for the items of every entity that has an index.

use serde_json::{Value, json};

use super::Items;

impl Items<'_> {
    /// A list by the value of a field has the items with that value, the newest first, from their creation on and
    /// after every change. Each field has two values here; a list is by one field at a time. Items that others refer
    /// to may be there already.
    pub async fn check_filters(&self, least: &Value, filters: &Value) {
        let filters = filters.as_object().unwrap();
        for (field, values) in filters {
            let by = |value: usize| json!({ field: values[value] });
            let before = self.list(&by(0)).await.ids();
            let listed = |new: &[&String]| -> Vec<String> {
                new.iter().copied().chain(&before).cloned().collect()
            };
            let mut body = least.clone();
            body[field] = values[0].clone();
            let (first, second) = (self.add(body.clone()).await, self.add(body).await);
            let expected = listed(&[&second, &first]);
            assert_eq!(self.list(&by(0)).await.ids(), expected, "{field}");

            let updated = self.update(&first, &by(1)).await;
            assert_eq!(updated.status, 200, "{updated:?}");
            assert_eq!(self.list(&by(0)).await.ids(), listed(&[&second]), "{field}");
            assert!(self.list(&by(1)).await.ids().contains(&first), "{field}");

            for id in [first, second] {
                let deleted = self.delete(&id).await;
                assert_eq!(deleted.status, 204, "{deleted:?}");
            }
            assert_eq!(self.list(&by(0)).await.ids(), before, "{field}");
        }
        if filters.len() > 1 {
            let each = |(field, values): (&String, &Value)| (field.clone(), values[0].clone());
            let refused = self.list(&filters.iter().map(each).collect()).await;
            assert_eq!(refused.status, 422, "{refused:?}");
        }
    }
}
