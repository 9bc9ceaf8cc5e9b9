import { Elysia } from "elysia";
export const pages = () => new Elysia({ name: "pages" });
