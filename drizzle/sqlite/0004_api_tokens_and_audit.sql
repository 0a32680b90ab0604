CREATE TABLE `api_tokens` (
	`workspace_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`secret_hash` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`created_by_id` text NOT NULL,
	`created_by` text NOT NULL,
	`expires_at` integer NOT NULL,
	`last_used_at` integer,
	`revoked_at` integer,
	`revoked_by` text,
	PRIMARY KEY(`workspace_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_tokens_id` ON `api_tokens` (`id`);--> statement-breakpoint
CREATE INDEX `api_tokens_created` ON `api_tokens` (`workspace_id`,`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `audit_log` (
	`workspace_id` text NOT NULL,
	`id` text NOT NULL,
	`at` integer NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` text NOT NULL,
	`actor_name` text NOT NULL,
	`address` text,
	`request_id` text,
	`action` text NOT NULL,
	`outcome` text NOT NULL,
	`reason` text,
	`target_kind` text,
	`target_id` text,
	`target_name` text,
	`changed_fields` text NOT NULL,
	`details` text NOT NULL,
	PRIMARY KEY(`workspace_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `audit_log_action` ON `audit_log` (`workspace_id`,`action`,`id`);--> statement-breakpoint
CREATE INDEX `audit_log_actor` ON `audit_log` (`workspace_id`,`actor_id`,`id`);--> statement-breakpoint
CREATE INDEX `audit_log_target` ON `audit_log` (`workspace_id`,`target_id`,`id`);--> statement-breakpoint
CREATE TABLE `audit_seals` (
	`workspace_id` text NOT NULL,
	`sequence` integer NOT NULL,
	`entry_id` text NOT NULL,
	`seal` text NOT NULL,
	PRIMARY KEY(`workspace_id`, `sequence`),
	FOREIGN KEY (`workspace_id`,`entry_id`) REFERENCES `audit_log`(`workspace_id`,`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `audit_seals_entry` ON `audit_seals` (`workspace_id`,`entry_id`);--> statement-breakpoint
CREATE TRIGGER `audit_log_no_update` BEFORE UPDATE ON `audit_log` BEGIN
	SELECT RAISE(ABORT, 'The audit log is append-only.');
END;--> statement-breakpoint
CREATE TRIGGER `audit_log_no_delete` BEFORE DELETE ON `audit_log` BEGIN
	SELECT RAISE(ABORT, 'The audit log is append-only.');
END;--> statement-breakpoint
CREATE TRIGGER `audit_seals_no_update` BEFORE UPDATE ON `audit_seals` BEGIN
	SELECT RAISE(ABORT, 'The audit log is append-only.');
END;--> statement-breakpoint
CREATE TRIGGER `audit_seals_no_delete` BEFORE DELETE ON `audit_seals` BEGIN
	SELECT RAISE(ABORT, 'The audit log is append-only.');
END;--> statement-breakpoint
CREATE TRIGGER `audit_log_no_replace` BEFORE INSERT ON `audit_log` WHEN EXISTS (
	SELECT 1 FROM `audit_log` WHERE (`workspace_id` = NEW.`workspace_id` AND `id` = NEW.`id`) OR rowid = NEW.rowid
) BEGIN
	SELECT RAISE(ABORT, 'The audit log is append-only.');
END;--> statement-breakpoint
CREATE TRIGGER `audit_seals_no_replace` BEFORE INSERT ON `audit_seals` WHEN EXISTS (
	SELECT 1 FROM `audit_seals` WHERE rowid = NEW.rowid
		OR (`workspace_id` = NEW.`workspace_id` AND (`sequence` = NEW.`sequence` OR `entry_id` = NEW.`entry_id`))
) BEGIN
	SELECT RAISE(ABORT, 'The audit log is append-only.');
END;