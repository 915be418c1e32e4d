//! Which rights in AWS a request needs, and which rights SAM's policy templates grant.
//!
//! Names of operations come from the SDK's crates, actions from the Service Authorization Reference.

use std::collections::BTreeSet;

use heck::ToUpperCamelCase;

use super::mentions::Request;

/// What a request has to do with rights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Without them it fails.
    pub actions: Vec<String>,
    /// They have a purpose with it, too.
    pub also: Vec<String>,
}

impl Needs {
    fn only(action: String) -> Self {
        Self {
            actions: vec![action],
            also: Vec::new(),
        }
    }
}

/// Operations whose action is not called as they are: service, operation, what it needs, what has a purpose with it.
const SPECIAL: &[(&str, &str, &[&str], &[&str])] = &[
    ("dynamodb", "Put::builder", &["dynamodb:PutItem"], &[]),
    ("dynamodb", "Update::builder", &["dynamodb:UpdateItem"], &[]),
    ("dynamodb", "Delete::builder", &["dynamodb:DeleteItem"], &[]),
    ("dynamodb", "Get::builder", &["dynamodb:GetItem"], &[]),
    (
        "dynamodb",
        "ConditionCheck::builder",
        &["dynamodb:ConditionCheckItem"],
        &[],
    ),
    ("dynamodb", "transact_write_items", &[], &[]),
    ("dynamodb", "transact_get_items", &[], &["dynamodb:GetItem"]),
    ("dynamodb", "execute_statement", &[], &["dynamodb:PartiQL*"]),
    (
        "dynamodb",
        "batch_execute_statement",
        &[],
        &["dynamodb:PartiQL*"],
    ),
    (
        "dynamodb",
        "execute_transaction",
        &[],
        &["dynamodb:PartiQL*"],
    ),
    ("s3", "head_object", &["s3:GetObject"], &["s3:ListBucket"]),
    (
        "s3",
        "get_object",
        &["s3:GetObject"],
        &["s3:ListBucket", "s3:GetObjectVersion"],
    ),
    (
        "s3",
        "put_object",
        &["s3:PutObject"],
        &["s3:PutObjectTagging", "s3:PutObjectAcl"],
    ),
    (
        "s3",
        "delete_objects",
        &["s3:DeleteObject"],
        &["s3:DeleteObjectVersion"],
    ),
    (
        "s3",
        "delete_object",
        &["s3:DeleteObject"],
        &["s3:DeleteObjectVersion"],
    ),
    (
        "s3",
        "copy_object",
        &["s3:GetObject", "s3:PutObject"],
        &["s3:GetObjectTagging", "s3:PutObjectTagging"],
    ),
    ("s3", "list_objects", &["s3:ListBucket"], &[]),
    ("s3", "list_objects_v2", &["s3:ListBucket"], &[]),
    (
        "s3",
        "list_object_versions",
        &["s3:ListBucketVersions"],
        &[],
    ),
    ("s3", "head_bucket", &["s3:ListBucket"], &[]),
    ("s3", "list_buckets", &["s3:ListAllMyBuckets"], &[]),
    ("s3", "create_multipart_upload", &["s3:PutObject"], &[]),
    ("s3", "upload_part", &["s3:PutObject"], &[]),
    (
        "s3",
        "upload_part_copy",
        &["s3:GetObject", "s3:PutObject"],
        &[],
    ),
    ("s3", "complete_multipart_upload", &["s3:PutObject"], &[]),
    (
        "s3",
        "list_multipart_uploads",
        &["s3:ListBucketMultipartUploads"],
        &[],
    ),
    ("s3", "list_parts", &["s3:ListMultipartUploadParts"], &[]),
    (
        "s3",
        "get_object_attributes",
        &["s3:GetObject"],
        &["s3:GetObjectAttributes"],
    ),
    ("lambda", "invoke", &["lambda:InvokeFunction"], &[]),
    ("lambda", "invoke_async", &["lambda:InvokeFunction"], &[]),
    (
        "lambda",
        "invoke_with_response_stream",
        &["lambda:InvokeFunction"],
        &[],
    ),
    (
        "bedrockruntime",
        "converse",
        &["bedrock:InvokeModel"],
        &["bedrock:GetInferenceProfile"],
    ),
    (
        "bedrockruntime",
        "converse_stream",
        &["bedrock:InvokeModelWithResponseStream"],
        &["bedrock:GetInferenceProfile"],
    ),
    (
        "bedrockruntime",
        "invoke_model",
        &["bedrock:InvokeModel"],
        &["bedrock:GetInferenceProfile"],
    ),
    (
        "bedrockruntime",
        "start_async_invoke",
        &["bedrock:InvokeModel"],
        &[],
    ),
    (
        "sqs",
        "send_message_batch",
        &["sqs:SendMessage"],
        &["sqs:GetQueueUrl"],
    ),
    (
        "sqs",
        "delete_message_batch",
        &["sqs:DeleteMessage"],
        &["sqs:GetQueueUrl"],
    ),
    (
        "sqs",
        "change_message_visibility_batch",
        &["sqs:ChangeMessageVisibility"],
        &[],
    ),
    ("sns", "publish_batch", &["sns:Publish"], &[]),
    (
        "sesv2",
        "send_email",
        &["ses:SendEmail"],
        &["ses:SendRawEmail", "ses:SendTemplatedEmail"],
    ),
    (
        "sesv2",
        "send_bulk_email",
        &["ses:SendBulkEmail"],
        &["ses:SendBulkTemplatedEmail", "ses:SendEmail"],
    ),
    (
        "apigatewaymanagement",
        "post_to_connection",
        &["execute-api:ManageConnections"],
        &[],
    ),
    (
        "apigatewaymanagement",
        "delete_connection",
        &["execute-api:ManageConnections"],
        &[],
    ),
    (
        "apigatewaymanagement",
        "get_connection",
        &["execute-api:ManageConnections"],
        &[],
    ),
    ("timestreamquery", "query", &["timestream:Select"], &[]),
    (
        "sts",
        "get_caller_identity",
        &[],
        &["sts:GetCallerIdentity"],
    ),
];

/// Services whose prefix in policies is not the name of the SDK's crate.
const PREFIXES: &[(&str, &str)] = &[
    ("acmpca", "acm-pca"),
    ("amp", "aps"),
    ("apigatewaymanagement", "execute-api"),
    ("apigatewayv2", "apigateway"),
    ("appconfigdata", "appconfig"),
    ("appintegrations", "app-integrations"),
    ("applicationautoscaling", "application-autoscaling"),
    ("bedrockagent", "bedrock"),
    ("bedrockagentcore", "bedrock-agentcore"),
    ("bedrockagentcorecontrol", "bedrock-agentcore"),
    ("bedrockagentruntime", "bedrock"),
    ("bedrockdataautomation", "bedrock"),
    ("bedrockdataautomationruntime", "bedrock"),
    ("bedrockruntime", "bedrock"),
    ("chimesdkidentity", "chime"),
    ("chimesdkmediapipelines", "chime"),
    ("chimesdkmeetings", "chime"),
    ("chimesdkmessaging", "chime"),
    ("chimesdkvoice", "chime"),
    ("cloudcontrol", "cloudformation"),
    ("cloudfrontkeyvaluestore", "cloudfront-keyvaluestore"),
    ("cloudwatchlogs", "logs"),
    ("cognitoidentity", "cognito-identity"),
    ("cognitoidentityprovider", "cognito-idp"),
    ("cognitosync", "cognito-sync"),
    ("connectcases", "cases"),
    ("costexplorer", "ce"),
    ("customerprofiles", "profile"),
    ("databasemigration", "dms"),
    ("directory", "ds"),
    ("docdb", "rds"),
    ("docdbelastic", "docdb-elastic"),
    ("dynamodbstreams", "dynamodb"),
    ("ec2instanceconnect", "ec2-instance-connect"),
    ("ecrpublic", "ecr-public"),
    ("efs", "elasticfilesystem"),
    ("elasticloadbalancingv2", "elasticloadbalancing"),
    ("elasticsearch", "es"),
    ("emr", "elasticmapreduce"),
    ("emrcontainers", "emr-containers"),
    ("emrserverless", "emr-serverless"),
    ("eventbridge", "events"),
    ("forecastquery", "forecast"),
    ("geomaps", "geo-maps"),
    ("geoplaces", "geo-places"),
    ("georoutes", "geo-routes"),
    ("greengrassv2", "greengrass"),
    ("iotdataplane", "iot"),
    ("iotjobsdataplane", "iotjobsdata"),
    ("ivsrealtime", "ivs"),
    ("keyspaces", "cassandra"),
    ("kinesisanalyticsv2", "kinesisanalytics"),
    ("kinesisvideoarchivedmedia", "kinesisvideo"),
    ("kinesisvideomedia", "kinesisvideo"),
    ("kinesisvideosignaling", "kinesisvideo"),
    ("lexmodelsv2", "lex"),
    ("lexruntime", "lex"),
    ("lexruntimev2", "lex"),
    ("licensemanager", "license-manager"),
    ("location", "geo"),
    ("mailmanager", "ses"),
    ("marketplacecatalog", "aws-marketplace"),
    ("marketplaceentitlement", "aws-marketplace"),
    ("marketplacemetering", "aws-marketplace"),
    ("mediapackagevod", "mediapackage-vod"),
    ("mediastoredata", "mediastore"),
    ("medicalimaging", "medical-imaging"),
    ("mwaa", "airflow"),
    ("neptune", "rds"),
    ("neptunedata", "neptune-db"),
    ("neptunegraph", "neptune-graph"),
    ("opensearch", "es"),
    ("opensearchserverless", "aoss"),
    ("paymentcryptography", "payment-cryptography"),
    ("paymentcryptographydata", "payment-cryptography"),
    ("personalizeevents", "personalize"),
    ("personalizeruntime", "personalize"),
    ("pinpoint", "mobiletargeting"),
    ("pinpointemail", "ses"),
    ("pinpointsmsvoice", "sms-voice"),
    ("pinpointsmsvoicev2", "sms-voice"),
    ("qconnect", "wisdom"),
    ("rdsdata", "rds-data"),
    ("redshiftdata", "redshift-data"),
    ("redshiftserverless", "redshift-serverless"),
    ("resourceexplorer2", "resource-explorer-2"),
    ("resourcegroups", "resource-groups"),
    ("resourcegroupstagging", "tag"),
    ("s3control", "s3"),
    ("s3outposts", "s3-outposts"),
    ("sagemakerfeaturestoreruntime", "sagemaker"),
    ("sagemakergeospatial", "sagemaker-geospatial"),
    ("sagemakerruntime", "sagemaker"),
    ("serverlessapplicationrepository", "serverlessrepo"),
    ("servicecatalogappregistry", "servicecatalog"),
    ("sesv2", "ses"),
    ("sfn", "states"),
    ("socialmessaging", "social-messaging"),
    ("ssmcontacts", "ssm-contacts"),
    ("ssmincidents", "ssm-incidents"),
    ("ssoadmin", "sso"),
    ("supplychain", "scn"),
    ("timestreaminfluxdb", "timestream-influxdb"),
    ("timestreamquery", "timestream"),
    ("timestreamwrite", "timestream"),
    ("vpclattice", "vpc-lattice"),
    ("workspacesweb", "workspaces-web"),
];

/// What every client has beside its operations.
const NO_OPERATIONS: [&str; 6] = ["clone", "config", "as_ref", "borrow", "to_owned", "into"];

/// Requests that anybody may make: Cognito's sign-up and sign-in.
const PUBLIC: [&str; 10] = [
    "sign_up",
    "confirm_sign_up",
    "initiate_auth",
    "respond_to_auth_challenge",
    "forgot_password",
    "confirm_forgot_password",
    "resend_confirmation_code",
    "get_user",
    "revoke_token",
    "get_id",
];

/// Operations that nothing else is called like, so that the client's type need not be known.
pub fn service_of(operation: &str) -> Option<&'static str> {
    const KNOWN: &[(&str, &str)] = &[
        ("get_item", "dynamodb"),
        ("put_item", "dynamodb"),
        ("update_item", "dynamodb"),
        ("delete_item", "dynamodb"),
        ("batch_get_item", "dynamodb"),
        ("batch_write_item", "dynamodb"),
        ("put_object", "s3"),
        ("get_object", "s3"),
        ("head_object", "s3"),
        ("delete_object", "s3"),
        ("delete_objects", "s3"),
        ("copy_object", "s3"),
        ("list_objects_v2", "s3"),
        ("converse", "bedrockruntime"),
        ("converse_stream", "bedrockruntime"),
        ("invoke_model", "bedrockruntime"),
        ("get_secret_value", "secretsmanager"),
        ("get_parameter", "ssm"),
        ("put_events", "eventbridge"),
    ];
    KNOWN
        .iter()
        .find(|(known, _)| *known == operation)
        .map(|(_, service)| *service)
}

/// What a request of a service needs.
pub fn needs(service: &str, operation: &str) -> Needs {
    let texts = |actions: &[&str]| actions.iter().map(|action| (*action).to_owned()).collect();
    let special = SPECIAL
        .iter()
        .find(|(of, name, ..)| *of == service && *name == operation);
    if let Some((_, _, actions, also)) = special {
        return Needs {
            actions: texts(actions),
            also: texts(also),
        };
    }
    if NO_OPERATIONS.contains(&operation)
        || operation.contains("::")
        || operation.starts_with("wait_until_")
    {
        return Needs::default();
    }
    let action = format!("{}:{}", prefix(service), operation.to_upper_camel_case());
    if service.starts_with("cognito") && PUBLIC.contains(&operation) {
        return Needs {
            also: vec![action],
            ..Needs::default()
        };
    }
    Needs::only(action)
}

/// What policies call a service.
pub fn prefix(service: &str) -> &str {
    let found = PREFIXES.iter().find(|(name, _)| *name == service);
    found.map_or(service, |(_, prefix)| *prefix)
}

/// Whether a granted action, which may have `*` and `?` in it, has a purpose with a request. Of a client whose type is
/// not known, the operation's name has to do, in one of the `services` that the code has to do with.
pub fn explains(granted: &str, request: &Request, services: &BTreeSet<&str>) -> bool {
    let explains = |service: &str| {
        let Needs { actions, also } = needs(service, &request.operation);
        let mut actions = actions.iter().chain(&also);
        actions.any(|action| covers(granted, action) || covers(action, granted))
    };
    match &request.service {
        Some(service) => explains(service),
        None => services.iter().any(|service| explains(service)),
    }
}

/// Whether a pattern of a policy matches an action. Upper and lower case are alike there.
pub fn covers(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let (pattern, action) = (pattern.as_bytes(), action.as_bytes());
    let (mut p, mut a) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while a < action.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, a));
                p += 1;
            }
            Some(mark) if *mark == b'?' || *mark == action[a] => {
                p += 1;
                a += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    (p, a) = (at + 1, from + 1);
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|mark| *mark == b'*')
}

/// Rights that Lambda, or what is around the function, makes use of, not its code.
pub fn is_of_platform(action: &str) -> bool {
    const PLATFORM: [&str; 8] = [
        "logs:*",
        "xray:*",
        "kms:*",
        "ec2:*NetworkInterface*",
        "ec2:Describe*",
        "cloudwatch:PutMetricData",
        "lambda:GetFunction*",
        "s3-object-lambda:*",
    ];
    action == "*" || PLATFORM.iter().any(|pattern| covers(pattern, action))
}

/// Rights that an event source makes use of for the function.
pub fn is_of_event(event: &str, action: &str) -> bool {
    let patterns: &[&str] = match event {
        "SQS" => &[
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage*",
            "sqs:GetQueueAttributes",
            "sqs:ChangeMessageVisibility*",
        ],
        "DynamoDB" => &[
            "dynamodb:*Stream*",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
        ],
        "Kinesis" => &["kinesis:*"],
        "MSK" | "SelfManagedKafka" => &[
            "kafka:*",
            "kafka-cluster:*",
            "secretsmanager:GetSecretValue",
        ],
        "MQ" => &["mq:*", "secretsmanager:GetSecretValue"],
        "DocumentDB" => &["rds:*", "secretsmanager:GetSecretValue"],
        _ => &[],
    };
    patterns.iter().any(|pattern| covers(pattern, action))
}

/// What SAM's policy templates grant, one on each line: its name, then the actions. `tests/generated/artefacts` holds it
/// against SAM's own.
const POLICY_TEMPLATES: &str = include_str!("policy_templates.txt");

/// What one of SAM's policy templates grants; `None` for what is none.
pub fn policy_template(name: &str) -> Option<Vec<String>> {
    POLICY_TEMPLATES.lines().find_map(|line| {
        let mut words = line.split(' ');
        let is_it = words.next() == Some(name);
        is_it.then(|| words.map(str::to_owned).collect())
    })
}

/// Policies of AWS's own that grant nothing which code asks for.
pub fn is_for_platform_only(managed: &str) -> bool {
    let name = managed.rsplit('/').next().unwrap_or(managed);
    matches!(
        name,
        "AWSLambdaBasicExecutionRole"
            | "AWSLambdaVPCAccessExecutionRole"
            | "AWSXRayDaemonWriteAccess"
            | "AWSXrayWriteOnlyAccess"
            | "CloudWatchLambdaInsightsExecutionRolePolicy"
            | "CloudWatchLambdaApplicationSignalsExecutionRolePolicy"
            | "AWSLambdaSQSQueueExecutionRole"
            | "AWSLambdaDynamoDBExecutionRole"
            | "AWSLambdaKinesisExecutionRole"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_case_match_as_in_policies() {
        for (pattern, action) in [
            ("*", "s3:GetObject"),
            ("s3:*", "s3:GetObject"),
            ("S3:getobject", "s3:GetObject"),
            ("s3:Get*ect", "s3:GetObject"),
            ("s3:?etObject", "s3:GetObject"),
        ] {
            assert!(covers(pattern, action), "{pattern}");
        }
        for (pattern, action) in [
            ("s3:Get", "s3:GetObject"),
            ("s3:Get*x", "s3:GetObject"),
            ("", "s3:GetObject"),
        ] {
            assert!(!covers(pattern, action), "{pattern}");
        }
    }

    #[test]
    fn an_operation_is_called_like_its_action_but_for_some() {
        let of = |service, operation| needs(service, operation).actions;
        assert_eq!(
            of("dynamodb", "batch_write_item"),
            ["dynamodb:BatchWriteItem"]
        );
        assert_eq!(of("sns", "publish"), ["sns:Publish"]);
        assert_eq!(of("s3", "head_object"), ["s3:GetObject"]);
        assert_eq!(
            of("cognitoidentityprovider", "admin_get_user"),
            ["cognito-idp:AdminGetUser"]
        );
        assert_eq!(of("dynamodb", "clone"), [""; 0]);
        assert_eq!(of("cognitoidentityprovider", "initiate_auth"), [""; 0]);
    }
}
