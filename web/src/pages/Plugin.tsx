import "../i18n/more";
export default function Plugin() { return null; }
