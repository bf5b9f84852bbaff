import { expect, test } from "vitest";
import { checkFormat, isKnownFormat } from "./formats.ts";

const everyFormat =
  "bsonobjectid uri email hostname ipv4 ipv6 cidr mac uuid uuid3 uuid4 uuid5 isbn creditcard ssn hexcolor rgbcolor".split(
    " ",
  );
const uuid = "123e4567-e89b-12d3-a456-426614174000";

test.each<[format: string, valid: string[], invalid: string[]]>([
  ["bsonobjectid", ["507f1f77bcf86cd799439011"], ["507f1f77"]],
  [
    "uri",
    ["https://a.example/b?c", "/path", "mailto:a@b", "*"],
    ["a b", "relative/path", "http://[::1", "%zz", "http://a:b/"],
  ],
  [
    "email",
    ["a@b", "A B <a.b@c.example>", '"x y"@z', "a@[1.2.3.4]"],
    ["a", "a@", "@b", "a@b@c", "a b@c", "<a@b"],
  ],
  ["hostname", ["a", "a.example", "a-b.example"], ["-a", "a_b", "", "a..b", `${"a".repeat(64)}.example`]],
  ["ipv4", ["10.0.0.1", "010.0.0.1"], ["::1", "10.0.0", "10.0.0.256"]],
  [
    "ipv6",
    ["::1", "2001:db8::1", "::ffff:1.2.3.4"],
    ["10.0.0.1", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7"],
  ],
  ["cidr", ["10.0.0.0/8", "::/0"], ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/x", "/8"]],
  [
    "mac",
    ["00:1b:44:11:3a:b7", "00-1b-44-11-3a-b7", "0000.5e00.5301", "02:00:5e:10:00:00:00:01"],
    ["00:1b:44", "00:1b-44:11:3a:b7", "zz"],
  ],
  ["uuid", [uuid, uuid.toUpperCase(), uuid.replaceAll("-", "")], ["x", `${uuid}0`]],
  ["uuid3", ["123e4567-e89b-32d3-a456-426614174000"], [uuid]],
  ["uuid4", ["123e4567-e89b-42d3-a456-426614174000"], [uuid, "123e4567-e89b-42d3-c456-426614174000"]],
  ["uuid5", ["123e4567-e89b-52d3-a456-426614174000"], [uuid]],
  ["isbn", ["0-306-40615-2", "978-0-306-40615-7"], ["0-306-40615-3", "x"]],
  ["isbn10", ["0-8044-2957-X"], ["978-0-306-40615-7"]],
  ["isbn13", ["978-0-306-40615-7"], ["978-0-306-40615-8"]],
  ["creditcard", ["4111 1111 1111 1111"], ["4111 1111 1111 1112", "1234"]],
  ["ssn", ["123-45-6789", "123456789"], ["12-345-6789"]],
  ["hexcolor", ["#fff", "A1b2C3"], ["#ffff", "ggg"]],
  ["rgbcolor", ["rgb(0, 128,255)"], ["rgb(0,0,256)", "rgb(0,0)"]],
  ["byte", ["aGVsbG8=", "aGk="], ["", "a", "a b="]],
  ["password", ["anything", ""], []],
  [
    "date",
    ["2024-02-29", "2000-12-31"],
    ["2023-02-29", "2024-13-01", "2024-1-1", "1900-02-29", "2024-04-31"],
  ],
  [
    "date-time",
    ["2024-01-01T00:00:00Z", "2024-01-01t23:59:59.5+02:00"],
    ["2024-01-01", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z"],
  ],
  ["duration", ["5m", "1h30m", "-1.5s", "0", "1d", "2 weeks", "3 Hours"], ["x", "", "5", "d5"]],
  ["k8s-short-name", ["abc"], ["UPPER", "a.b"]],
  ["k8s-long-name", ["a.b"], ["a_b"]],
])("%s", (format, valid, invalid) => {
  expect(isKnownFormat(format)).toBe(true);
  expect(valid.filter((text) => !checkFormat(format, text))).toEqual([]);
  expect(invalid.filter((text) => checkFormat(format, text))).toEqual([]);
});

test("formats of numbers and unknown ones are none of text", () => {
  expect(["int32", "toString", "", "nosuchformat"].filter(isKnownFormat)).toEqual([]);
});

test.each(["a", "1", "1a", " ", ".", "a.", "a-", "é", "-", "=", "a@", '"', "1:"])(
  "texts of many %j are judged soon by every format",
  (part) => {
    for (const length of [30, 250, 20_000]) {
      const text = part.repeat(length);
      for (const format of [...everyFormat, "byte", "date", "date-time", "duration", "k8s-long-name"])
        expect(checkFormat(format, text)).toBeTypeOf("boolean");
    }
  },
);
