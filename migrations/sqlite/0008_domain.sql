CREATE TABLE `__new_passkeys` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`rp_id` text NOT NULL,
	`credential_id` text NOT NULL,
	`public_key` text NOT NULL,
	`counter` integer NOT NULL,
	`name` text NOT NULL,
	`device_type` text NOT NULL,
	`backed_up` integer NOT NULL,
	`transports` text NOT NULL,
	`aaguid` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
-- Those there are were made where the house last listened: the host of that address, without its port.
INSERT INTO `__new_passkeys`
SELECT p.id, user_id, coalesce(substr(authority, 1, instr(authority || ':', ':') - 1), 'localhost'), credential_id,
	public_key, counter, name, device_type, backed_up, transports, aaguid, created_at, last_used_at
FROM `passkeys` p
LEFT JOIN (SELECT substr(value, instr(value, '://') + 3) AS authority FROM `house` WHERE name = 'listening');
--> statement-breakpoint
DROP TABLE `passkeys`;--> statement-breakpoint
ALTER TABLE `__new_passkeys` RENAME TO `passkeys`;--> statement-breakpoint
CREATE UNIQUE INDEX `passkeys_credential_id_unique` ON `passkeys` (`credential_id`);--> statement-breakpoint
CREATE INDEX `passkeys_user_id` ON `passkeys` (`user_id`);
