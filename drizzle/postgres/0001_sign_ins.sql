CREATE TABLE "sign_in_accounts" (
	"workspace_id" text COLLATE "C" NOT NULL,
	"account" text COLLATE "C" NOT NULL,
	"failures" integer NOT NULL,
	"failed_since" timestamp (3) with time zone,
	"failed_at" timestamp (3) with time zone,
	"proven_by" text COLLATE "C",
	"proven_at" timestamp (3) with time zone,
	"kept_until" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "sign_in_accounts_workspace_id_account_pk" PRIMARY KEY("workspace_id","account")
);
--> statement-breakpoint
CREATE TABLE "sign_in_attempts" (
	"workspace_id" text COLLATE "C" NOT NULL,
	"run_id" text COLLATE "C" NOT NULL,
	"account" text COLLATE "C" NOT NULL,
	"held_until" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "sign_in_attempts_workspace_id_run_id_account_pk" PRIMARY KEY("workspace_id","run_id","account")
);
--> statement-breakpoint
ALTER TABLE "connection_tests" ADD COLUMN "type_version" integer;--> statement-breakpoint
CREATE INDEX "sign_in_accounts_kept" ON "sign_in_accounts" USING btree ("kept_until");--> statement-breakpoint
CREATE INDEX "sign_in_attempts_account" ON "sign_in_attempts" USING btree ("workspace_id","account","held_until");--> statement-breakpoint
CREATE INDEX "sign_in_attempts_held" ON "sign_in_attempts" USING btree ("held_until");