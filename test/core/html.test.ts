import fc from "fast-check";
import { expect, it } from "vitest";
import { embeddedJson, html, htmlLines, Markup } from "../../src/core/report/html.ts";

it("values are text, in an element and in an attribute, and lists of markup are put one after the other", () => {
  const [hostile, items] = ["\"><script>&'", ["a", "<b>"].map((item) => html`<li>${item}</li>`)];
  expect(html`<p title="${hostile}">${hostile}${3}${items}</p>`.text).toBe(
    '<p title="&#34;&#62;&#60;script&#62;&#38;&#39;">&#34;&#62;&#60;script&#62;&#38;&#39;3<li>a</li><li>&#60;b&#62;</li></p>',
  );
  expect(html`<style>${new Markup("a>b{}")}</style>`.text).toBe("<style>a>b{}</style>");
});

it("nothing turns the direction of writing, ends a line or is a control character", () => {
  expect(html`${"a\u202eb\u2028c\u0007d\u001b[31me\nf"}`.text).toBe("a b c de f");
  expect(htmlLines(["<a>", "b\u2066"]).text).toBe("&#60;a&#62;\nb");
});

it("JSON within a page holds no control character as such", () => {
  expect(embeddedJson("a\u001b[2J\u007f\u009b2J").text).toBe('"a\\u001b[2J\\u007f\\u009b2J"');
});

it("JSON within a page is what it was, and cannot end its script", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("</script>", "<!--", "]]>", "\u2028\u2029"),
  );
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 5 }), (value) => {
      const { text } = embeddedJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(text).not.toMatch(/[<>&\u2028\u2029]/);
    }),
  );
});
