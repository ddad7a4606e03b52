//! The sample organization of `spec/samples/cognitive3d.json`: its projects with scenes, objectives and surveys.

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The invented data.
const SAMPLES: &str = include_str!("../../../spec/samples/cognitive3d.json");
/// The maximum number of projects.
const MAX_PROJECTS: usize = 1_000;
/// When the projects were created, in milliseconds since 1970.
const CREATED: i64 = 1_717_372_800_000;

/// An organization, and what its sessions are invented from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Organization {
    #[serde(rename = "organizationId")]
    pub(crate) id: i64,
    /// The session that the document's examples name, and its start in seconds since 1970.
    pub(crate) newest_session_id: String,
    pub(crate) newest_timestamp: i64,
    pub(crate) projects: Vec<Project>,
    pub(crate) names: Vec<String>,
    pub(crate) devices: Vec<Device>,
    pub(crate) places: Vec<Place>,
    pub(crate) people: Vec<String>,
    /// The scores of a session, without `c3d.`.
    pub(crate) metrics: Vec<String>,
    pub(crate) hands: Vec<String>,
}

/// A project; scenes, objectives and surveys in the form of the document.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Project {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) app: String,
    pub(crate) sessions_a_week: i64,
    pub(crate) participants: i64,
    pub(crate) scenes: Vec<Value>,
    pub(crate) objectives: Vec<Value>,
    pub(crate) question_sets: Vec<Value>,
    pub(crate) objects: Vec<Object>,
    /// The members that a client has changed.
    #[serde(skip)]
    changes: Map<String, Value>,
}

/// A dynamic object, which each version of the project's scenes has.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Object {
    pub(crate) sdk_id: String,
    name: String,
    mesh_name: String,
}

/// A kind of device.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Device {
    pub(crate) hmd: Option<String>,
    pub(crate) model: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) os: String,
    pub(crate) memory: i64,
}

/// A place where participants work.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Place {
    pub(crate) country: String,
    pub(crate) city: String,
    pub(crate) subdivision: String,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

impl Organization {
    /// Returns the built-in organization.
    pub(crate) fn samples() -> Self {
        serde_json::from_str(SAMPLES).unwrap_or_default()
    }

    /// Returns a project by its number.
    pub(crate) fn project(&self, id: i64) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == id)
    }

    /// Adds a project; `None` if there are too many.
    pub(crate) fn add(&mut self, name: String) -> Option<Project> {
        if self.projects.len() == MAX_PROJECTS {
            return None;
        }
        let id = self.projects.iter().map(|project| project.id).max().unwrap_or_default() + 1;
        let project = Project { id, name, ..Project::default() };
        self.projects.push(project.clone());
        Some(project)
    }

    /// Changes members of a project.
    pub(crate) fn update(&mut self, id: i64, changes: Value) -> Option<Project> {
        let project = self.projects.iter_mut().find(|project| project.id == id)?;
        if let Value::Object(changes) = changes {
            // A project shows its `type` as `projectType`.
            let shown = |name: String| if name == "type" { "projectType".to_owned() } else { name };
            let changes = changes.into_iter().filter(|(_, value)| !value.is_null());
            project.changes.extend(changes.map(|(name, value)| (shown(name), value)));
        }
        Some(project.clone())
    }

    /// Returns a scene by its identifier.
    pub(crate) fn scene(&self, id: &str) -> Option<&Value> {
        let mut scenes = self.projects.iter().flat_map(|project| &project.scenes);
        scenes.find(|scene| scene.get("id").and_then(Value::as_str) == Some(id))
    }

    /// Whether a scene has a version with this number.
    pub(crate) fn has_version(&self, id: i64) -> bool {
        self.projects.iter().flat_map(Project::versions).any(|(_, version)| version == id)
    }

    /// Returns a project in the form of the document.
    pub(crate) fn shown(&self, project: &Project) -> Value {
        let mut shown = json!({
            "id": project.id, "organizationId": self.id, "name": project.name, "description": "", "projectType": "vr",
            "enableGeoIp": true, "hidden": false, "createdAt": CREATED, "updatedAt": self.newest_timestamp * 1000,
            "scenes": project.scenes,
        });
        if let Some(shown) = shown.as_object_mut() {
            shown.extend(project.changes.clone());
        }
        shown
    }
}

impl Project {
    /// Returns the versions of the project's scenes, each with its scene.
    pub(crate) fn versions(&self) -> impl Iterator<Item = (&str, i64)> {
        self.scenes.iter().flat_map(|scene| {
            let id = scene.get("id").and_then(Value::as_str).unwrap_or_default();
            let versions = scene.get("versions").and_then(Value::as_array).into_iter().flatten();
            versions.filter_map(move |version| Some((id, version.get("id")?.as_i64()?)))
        })
    }

    /// Returns the objects of a version in the form of the document.
    pub(crate) fn objects_of(&self, version: i64) -> impl Iterator<Item = Value> {
        // The objects in the document's examples have numbers of their own.
        let first = if version == 8802 { 9_000 } else { version * 10 };
        (1..).zip(&self.objects).map(move |(number, object)| {
            json!({
                "id": first + number, "versionId": version, "name": object.name, "meshName": object.mesh_name,
                "sdkId": object.sdk_id, "dynamicFileType": "gltf", "isOptimized": true, "isController": false,
                "scale": null, "group": null, "externalId": null, "thumbnailLocation": null,
            })
        })
    }

    /// Returns the newest version of each objective: its number and its components.
    pub(crate) fn objective_versions(&self) -> impl Iterator<Item = (i64, &Vec<Value>)> {
        self.objectives.iter().filter_map(|objective| {
            let version = objective.get("objectiveVersions")?.as_array()?.last()?;
            Some((version.get("id")?.as_i64()?, version.get("objectiveComponents")?.as_array()?))
        })
    }

    /// Returns a version of a survey.
    pub(crate) fn question_set(&self, name: &str, version: i32) -> Option<&Value> {
        let id = format!("{name}:{version}");
        self.question_sets.iter().find(|set| set.get("id").and_then(Value::as_str) == Some(&id))
    }
}
