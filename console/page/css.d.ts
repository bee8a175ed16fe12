/** Style sheets are bundled; importing one is all that is done with it. */
declare module "*.css";
