CREATE TABLE `devices` (
	`id` text PRIMARY KEY NOT NULL,
	`code_mac` text NOT NULL,
	`token_hash` text,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`ip` text NOT NULL,
	`user_agent` text,
	`device` text,
	`created_by` text,
	`decided_by` text,
	`decided_in` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`decided_at` integer,
	`claimed_at` integer,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`decided_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `devices_code_mac_unique` ON `devices` (`code_mac`);--> statement-breakpoint
CREATE UNIQUE INDEX `devices_token_hash_unique` ON `devices` (`token_hash`);--> statement-breakpoint
CREATE INDEX `devices_created_by` ON `devices` (`created_by`);--> statement-breakpoint
CREATE INDEX `devices_decided_by` ON `devices` (`decided_by`);--> statement-breakpoint
CREATE INDEX `devices_expires_at` ON `devices` (`expires_at`);