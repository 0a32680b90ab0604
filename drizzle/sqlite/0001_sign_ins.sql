CREATE TABLE `sign_in_accounts` (
	`workspace_id` text NOT NULL,
	`account` text NOT NULL,
	`failures` integer NOT NULL,
	`failed_since` integer,
	`failed_at` integer,
	`proven_by` text,
	`proven_at` integer,
	`kept_until` integer NOT NULL,
	PRIMARY KEY(`workspace_id`, `account`)
);
--> statement-breakpoint
CREATE INDEX `sign_in_accounts_kept` ON `sign_in_accounts` (`kept_until`);--> statement-breakpoint
CREATE TABLE `sign_in_attempts` (
	`workspace_id` text NOT NULL,
	`run_id` text NOT NULL,
	`account` text NOT NULL,
	`held_until` integer NOT NULL,
	PRIMARY KEY(`workspace_id`, `run_id`, `account`)
);
--> statement-breakpoint
CREATE INDEX `sign_in_attempts_account` ON `sign_in_attempts` (`workspace_id`,`account`,`held_until`);--> statement-breakpoint
CREATE INDEX `sign_in_attempts_held` ON `sign_in_attempts` (`held_until`);--> statement-breakpoint
ALTER TABLE `connection_tests` ADD `type_version` integer;