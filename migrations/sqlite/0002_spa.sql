CREATE TABLE `mail_code_tries` (
	`address` text NOT NULL,
	`purpose` text NOT NULL,
	`asker` text NOT NULL,
	`tries` integer NOT NULL,
	`last_at` integer NOT NULL,
	PRIMARY KEY(`address`, `purpose`, `asker`)
);
--> statement-breakpoint
CREATE TABLE `mail_codes` (
	`address` text NOT NULL,
	`purpose` text NOT NULL,
	`asker` text NOT NULL,
	`code_mac` text NOT NULL,
	`sealed` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`address`, `purpose`, `asker`)
);
--> statement-breakpoint
CREATE TABLE `mail_sendings` (
	`seq` integer PRIMARY KEY NOT NULL,
	`address` text NOT NULL,
	`purpose` text NOT NULL,
	`asker` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `mail_sendings_address` ON `mail_sendings` (`address`,`at`);--> statement-breakpoint
CREATE INDEX `mail_sendings_at` ON `mail_sendings` (`at`);--> statement-breakpoint
CREATE TABLE `mails` (
	`id` text PRIMARY KEY NOT NULL,
	`sealed` text NOT NULL,
	`created_at` integer NOT NULL,
	`next_at` integer NOT NULL,
	`stale_at` integer NOT NULL,
	`tries` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `mails_next_at` ON `mails` (`next_at`);--> statement-breakpoint
CREATE TABLE `refreshes` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`rotated_at` integer,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `refreshes_session_id` ON `refreshes` (`session_id`);--> statement-breakpoint
CREATE TABLE `signing_keys` (
	`kid` text PRIMARY KEY NOT NULL,
	`public_jwk` text NOT NULL,
	`sealed` text NOT NULL,
	`created_at` integer NOT NULL,
	`verifies_until` integer
);
--> statement-breakpoint
CREATE TABLE `tenants` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`owner_id` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tenants_owner_id_unique` ON `tenants` (`owner_id`);