CREATE TABLE "connection_test_events" (
	"workspace_id" text COLLATE "C" NOT NULL,
	"test_id" text COLLATE "C" NOT NULL,
	"sequence" integer NOT NULL,
	"event" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "connection_test_events_workspace_id_test_id_sequence_pk" PRIMARY KEY("workspace_id","test_id","sequence")
);
--> statement-breakpoint
CREATE TABLE "connection_tests" (
	"workspace_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"connector_id" text COLLATE "C",
	"type_name" text COLLATE "C" NOT NULL,
	"status" text COLLATE "C" NOT NULL,
	"snapshot" jsonb NOT NULL,
	"fingerprint" text COLLATE "C" NOT NULL,
	"config" jsonb NOT NULL,
	"secret_digests" jsonb NOT NULL,
	"started_by" text COLLATE "C" NOT NULL,
	"target_hash" text COLLATE "C" NOT NULL,
	"attempt_key" text COLLATE "C",
	"lease_owner" text COLLATE "C",
	"lease_until" timestamp (3) with time zone,
	"cancel_requested" boolean NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "connection_tests_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "connectors" (
	"workspace_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"name_key" text COLLATE "C" NOT NULL,
	"description" text COLLATE "C",
	"external_key" text COLLATE "C",
	"type_name" text COLLATE "C" NOT NULL,
	"config" jsonb NOT NULL,
	"secret_version_id" text COLLATE "C",
	"version" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" text COLLATE "C",
	"updated_at" timestamp (3) with time zone NOT NULL,
	"updated_by" text COLLATE "C",
	CONSTRAINT "connectors_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "datasets" (
	"workspace_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"connector_id" text COLLATE "C",
	"type_name" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"name_key" text COLLATE "C" NOT NULL,
	"description" text COLLATE "C",
	"query" jsonb NOT NULL,
	"version" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" text COLLATE "C",
	"updated_at" timestamp (3) with time zone NOT NULL,
	"updated_by" text COLLATE "C",
	CONSTRAINT "datasets_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"workspace_id" text COLLATE "C" NOT NULL,
	"viewer_id" text COLLATE "C" NOT NULL,
	"operation" text COLLATE "C" NOT NULL,
	"key" text COLLATE "C" NOT NULL,
	"request_hash" text COLLATE "C" NOT NULL,
	"result_id" text COLLATE "C" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_workspace_id_viewer_id_operation_key_pk" PRIMARY KEY("workspace_id","viewer_id","operation","key")
);
--> statement-breakpoint
CREATE TABLE "master_keys" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"check_value" text COLLATE "C" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sealed_secrets" (
	"workspace_id" text COLLATE "C" NOT NULL,
	"version_id" text COLLATE "C" NOT NULL,
	"key_id" text COLLATE "C" NOT NULL,
	"ciphertext" text COLLATE "C" NOT NULL,
	CONSTRAINT "sealed_secrets_workspace_id_version_id_pk" PRIMARY KEY("workspace_id","version_id")
);
--> statement-breakpoint
CREATE TABLE "secret_versions" (
	"workspace_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"connector_id" text COLLATE "C" NOT NULL,
	"store" text COLLATE "C" NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"digests" jsonb NOT NULL,
	"set_at" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"state_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "secret_versions_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "workspace_keys" (
	"workspace_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"purpose" text COLLATE "C" NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"master_key_id" text COLLATE "C" NOT NULL,
	"wrapped_key" text COLLATE "C" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "workspace_keys_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
ALTER TABLE "connection_test_events" ADD CONSTRAINT "connection_test_events_test_fk" FOREIGN KEY ("workspace_id","test_id") REFERENCES "public"."connection_tests"("workspace_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connection_tests" ADD CONSTRAINT "connection_tests_connector_fk" FOREIGN KEY ("workspace_id","connector_id") REFERENCES "public"."connectors"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connectors" ADD CONSTRAINT "connectors_secret_version_fk" FOREIGN KEY ("workspace_id","secret_version_id") REFERENCES "public"."secret_versions"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "datasets" ADD CONSTRAINT "datasets_connector_fk" FOREIGN KEY ("workspace_id","connector_id") REFERENCES "public"."connectors"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sealed_secrets" ADD CONSTRAINT "sealed_secrets_version_fk" FOREIGN KEY ("workspace_id","version_id") REFERENCES "public"."secret_versions"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "connection_test_events_created" ON "connection_test_events" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "connection_tests_attempt" ON "connection_tests" USING btree ("workspace_id","started_by","attempt_key");--> statement-breakpoint
CREATE INDEX "connection_tests_connector" ON "connection_tests" USING btree ("workspace_id","connector_id","started_at","id");--> statement-breakpoint
CREATE INDEX "connection_tests_target" ON "connection_tests" USING btree ("workspace_id","started_by","target_hash","status");--> statement-breakpoint
CREATE INDEX "connection_tests_lease" ON "connection_tests" USING btree ("status","lease_until");--> statement-breakpoint
CREATE INDEX "connection_tests_finished" ON "connection_tests" USING btree ("finished_at");--> statement-breakpoint
CREATE UNIQUE INDEX "connectors_name" ON "connectors" USING btree ("workspace_id","name_key");--> statement-breakpoint
CREATE UNIQUE INDEX "connectors_external_key" ON "connectors" USING btree ("workspace_id","external_key");--> statement-breakpoint
CREATE INDEX "connectors_created" ON "connectors" USING btree ("workspace_id","created_at","id");--> statement-breakpoint
CREATE INDEX "connectors_updated" ON "connectors" USING btree ("workspace_id","updated_at","id");--> statement-breakpoint
CREATE INDEX "connectors_secret_version" ON "connectors" USING btree ("workspace_id","secret_version_id");--> statement-breakpoint
CREATE INDEX "connectors_type" ON "connectors" USING btree ("workspace_id","type_name","name_key","id");--> statement-breakpoint
CREATE UNIQUE INDEX "datasets_name" ON "datasets" USING btree ("workspace_id","name_key");--> statement-breakpoint
CREATE INDEX "datasets_connector" ON "datasets" USING btree ("workspace_id","connector_id","name_key","id");--> statement-breakpoint
CREATE INDEX "datasets_created" ON "datasets" USING btree ("workspace_id","created_at","id");--> statement-breakpoint
CREATE INDEX "datasets_updated" ON "datasets" USING btree ("workspace_id","updated_at","id");--> statement-breakpoint
CREATE INDEX "idempotency_keys_created" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "sealed_secrets_key" ON "sealed_secrets" USING btree ("workspace_id","key_id");--> statement-breakpoint
CREATE INDEX "secret_versions_state" ON "secret_versions" USING btree ("state","state_at");--> statement-breakpoint
CREATE INDEX "secret_versions_connector" ON "secret_versions" USING btree ("workspace_id","connector_id");--> statement-breakpoint
CREATE INDEX "workspace_keys_purpose" ON "workspace_keys" USING btree ("workspace_id","purpose","state");--> statement-breakpoint
CREATE INDEX "workspace_keys_master" ON "workspace_keys" USING btree ("master_key_id");