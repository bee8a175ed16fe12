/** Style sheets are bundled; they are only imported. */
declare module "*.css";
