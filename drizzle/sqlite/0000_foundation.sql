CREATE TABLE `connection_test_events` (
	`workspace_id` text NOT NULL,
	`test_id` text NOT NULL,
	`sequence` integer NOT NULL,
	`event` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`workspace_id`, `test_id`, `sequence`),
	FOREIGN KEY (`workspace_id`,`test_id`) REFERENCES `connection_tests`(`workspace_id`,`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `connection_test_events_created` ON `connection_test_events` (`created_at`);--> statement-breakpoint
CREATE TABLE `connection_tests` (
	`workspace_id` text NOT NULL,
	`id` text NOT NULL,
	`connector_id` text,
	`type_name` text NOT NULL,
	`status` text NOT NULL,
	`snapshot` text NOT NULL,
	`fingerprint` text NOT NULL,
	`config` text NOT NULL,
	`secret_digests` text NOT NULL,
	`started_by` text NOT NULL,
	`target_hash` text NOT NULL,
	`attempt_key` text,
	`lease_owner` text,
	`lease_until` integer,
	`cancel_requested` integer NOT NULL,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	PRIMARY KEY(`workspace_id`, `id`),
	FOREIGN KEY (`workspace_id`,`connector_id`) REFERENCES `connectors`(`workspace_id`,`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `connection_tests_attempt` ON `connection_tests` (`workspace_id`,`started_by`,`attempt_key`);--> statement-breakpoint
CREATE INDEX `connection_tests_connector` ON `connection_tests` (`workspace_id`,`connector_id`,`started_at`,`id`);--> statement-breakpoint
CREATE INDEX `connection_tests_target` ON `connection_tests` (`workspace_id`,`started_by`,`target_hash`,`status`);--> statement-breakpoint
CREATE INDEX `connection_tests_lease` ON `connection_tests` (`status`,`lease_until`);--> statement-breakpoint
CREATE INDEX `connection_tests_finished` ON `connection_tests` (`finished_at`);--> statement-breakpoint
CREATE TABLE `connectors` (
	`workspace_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`description` text,
	`external_key` text,
	`type_name` text NOT NULL,
	`config` text NOT NULL,
	`secret_version_id` text,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`created_by` text,
	`updated_at` integer NOT NULL,
	`updated_by` text,
	PRIMARY KEY(`workspace_id`, `id`),
	FOREIGN KEY (`workspace_id`,`secret_version_id`) REFERENCES `secret_versions`(`workspace_id`,`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `connectors_name` ON `connectors` (`workspace_id`,`name_key`);--> statement-breakpoint
CREATE UNIQUE INDEX `connectors_external_key` ON `connectors` (`workspace_id`,`external_key`);--> statement-breakpoint
CREATE INDEX `connectors_created` ON `connectors` (`workspace_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `connectors_updated` ON `connectors` (`workspace_id`,`updated_at`,`id`);--> statement-breakpoint
CREATE INDEX `connectors_secret_version` ON `connectors` (`workspace_id`,`secret_version_id`);--> statement-breakpoint
CREATE INDEX `connectors_type` ON `connectors` (`workspace_id`,`type_name`,`name_key`,`id`);--> statement-breakpoint
CREATE TABLE `datasets` (
	`workspace_id` text NOT NULL,
	`id` text NOT NULL,
	`connector_id` text,
	`type_name` text NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`description` text,
	`query` text NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`created_by` text,
	`updated_at` integer NOT NULL,
	`updated_by` text,
	PRIMARY KEY(`workspace_id`, `id`),
	FOREIGN KEY (`workspace_id`,`connector_id`) REFERENCES `connectors`(`workspace_id`,`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `datasets_name` ON `datasets` (`workspace_id`,`name_key`);--> statement-breakpoint
CREATE INDEX `datasets_connector` ON `datasets` (`workspace_id`,`connector_id`,`name_key`,`id`);--> statement-breakpoint
CREATE INDEX `datasets_created` ON `datasets` (`workspace_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `datasets_updated` ON `datasets` (`workspace_id`,`updated_at`,`id`);--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`workspace_id` text NOT NULL,
	`viewer_id` text NOT NULL,
	`operation` text NOT NULL,
	`key` text NOT NULL,
	`request_hash` text NOT NULL,
	`result_id` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`workspace_id`, `viewer_id`, `operation`, `key`)
);
--> statement-breakpoint
CREATE INDEX `idempotency_keys_created` ON `idempotency_keys` (`created_at`);--> statement-breakpoint
CREATE TABLE `master_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`check_value` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sealed_secrets` (
	`workspace_id` text NOT NULL,
	`version_id` text NOT NULL,
	`key_id` text NOT NULL,
	`ciphertext` text NOT NULL,
	PRIMARY KEY(`workspace_id`, `version_id`),
	FOREIGN KEY (`workspace_id`,`version_id`) REFERENCES `secret_versions`(`workspace_id`,`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `sealed_secrets_key` ON `sealed_secrets` (`workspace_id`,`key_id`);--> statement-breakpoint
CREATE TABLE `secret_versions` (
	`workspace_id` text NOT NULL,
	`id` text NOT NULL,
	`connector_id` text NOT NULL,
	`store` text NOT NULL,
	`state` text NOT NULL,
	`digests` text NOT NULL,
	`set_at` text NOT NULL,
	`created_at` integer NOT NULL,
	`state_at` integer NOT NULL,
	PRIMARY KEY(`workspace_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `secret_versions_state` ON `secret_versions` (`state`,`state_at`);--> statement-breakpoint
CREATE INDEX `secret_versions_connector` ON `secret_versions` (`workspace_id`,`connector_id`);--> statement-breakpoint
CREATE TABLE `workspace_keys` (
	`workspace_id` text NOT NULL,
	`id` text NOT NULL,
	`purpose` text NOT NULL,
	`state` text NOT NULL,
	`master_key_id` text NOT NULL,
	`wrapped_key` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`workspace_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `workspace_keys_purpose` ON `workspace_keys` (`workspace_id`,`purpose`,`state`);--> statement-breakpoint
CREATE INDEX `workspace_keys_master` ON `workspace_keys` (`master_key_id`);