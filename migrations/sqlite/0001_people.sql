CREATE TABLE `invites` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`email` text,
	`role` text NOT NULL,
	`created_by` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`uses` integer NOT NULL,
	`uses_left` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invites_id_unique` ON `invites` (`id`);--> statement-breakpoint
CREATE TABLE `recoveries` (
	`user_id` text PRIMARY KEY NOT NULL,
	`token_hash` text NOT NULL,
	`created_by` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `recoveries_token_hash_unique` ON `recoveries` (`token_hash`);--> statement-breakpoint
CREATE TABLE `throttles` (
	`subject` text NOT NULL,
	`factor` text NOT NULL,
	`lane` text NOT NULL,
	`failures` integer NOT NULL,
	`last_at` integer NOT NULL,
	PRIMARY KEY(`subject`, `factor`, `lane`)
);
--> statement-breakpoint
CREATE INDEX `throttles_last_at` ON `throttles` (`last_at`);--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit` (`at`);