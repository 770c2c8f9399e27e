package io.rejoin.listener.http;

import io.rejoin.contracts.client.RefusalCode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Parses the lines of a request's head (RFC 9112). The parser is strict where two readers could disagree on where a
 * request ends. It is lenient where only one meaning is possible.
 */
final class HeadParser {
    private static final Pattern VERSION = Pattern.compile("HTTP/([0-9])\\.([0-9])");
    private static final Pattern ABSOLUTE = Pattern.compile("(?:http|https|ws|wss)://([^/?#]*)(.*)",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL); // else byte 0x85 counts as a line end
    private static final int MAX_DIGITS = 18;

    private HeadParser() {}

    /**
     * @param lines the request line and the header lines, without line ends; one character for each byte
     * @throws RequestRefused with a message for the client's developer
     */
    static RequestHead parse(List<String> lines) throws RequestRefused {
        var parts = lines.getFirst().split(" ", -1);
        if (parts.length != 3)
            throw RequestRefused.bad("a request must begin with METHOD target HTTP/1.1, separated by single spaces");
        if (!Ascii.isToken(parts[0])) throw RequestRefused.bad("the method is invalid");
        var http11 = isHttp11(parts[2]);
        var target = target(parts[0], parts[1]);
        var question = target.indexOf('?');
        var head = new RequestHead(parts[0], question < 0 ? target : target.substring(0, question),
                question < 0 ? "" : target.substring(question + 1), http11, fields(lines.subList(1, lines.size())));
        checkHost(head);
        checkLength(head);
        return head;
    }

    private static boolean isHttp11(String version) throws RequestRefused {
        if (version.equals("HTTP/1.1")) return true; // the usual case, without a regular expression
        var matcher = VERSION.matcher(version);
        if (!matcher.matches()) throw RequestRefused.bad("a request line must end with HTTP/1.1");
        if (!matcher.group(1).equals("1"))
            throw new RequestRefused(RefusalCode.VERSION_NOT_SUPPORTED, "only HTTP/1.1 and HTTP/1.0 are supported");
        return !matcher.group(2).equals("0");
    }

    /**
     * The path and query. An absolute form loses its scheme and host. A fragment is dropped, because it means nothing
     * to a server.
     */
    private static String target(String method, String target) throws RequestRefused {
        if (!Ascii.isTarget(target)) throw RequestRefused.bad("the target has characters that must be encoded");
        var local = target.startsWith("/") ? target : withoutHost(target);
        var fragment = local.indexOf('#');
        if (fragment >= 0) local = local.substring(0, fragment);
        if (local.isEmpty() || local.startsWith("?")) local = "/" + local;
        if (!local.startsWith("/") && !isServerAsWhole(method, local))
            throw RequestRefused.bad("the target must begin with / or http://");
        return local;
    }

    private static String withoutHost(String target) throws RequestRefused {
        var absolute = ABSOLUTE.matcher(target);
        if (!absolute.matches()) return target;
        if (!Ascii.isAuthority(absolute.group(1))) throw RequestRefused.bad("the target has no valid host");
        return absolute.group(2);
    }

    private static boolean isServerAsWhole(String method, String target) {
        return method.equals("OPTIONS") && target.equals("*");
    }

    private static List<RequestHead.Field> fields(List<String> lines) throws RequestRefused {
        var fields = new ArrayList<RequestHead.Field>();
        for (var line : lines) {
            var colon = line.indexOf(':');
            if (colon < 0 || !Ascii.isToken(line.substring(0, colon)))
                throw RequestRefused.bad("a header line must be Name: value, without a space before Name or the colon");
            var value = Ascii.trim(line.substring(colon + 1));
            if (!Ascii.isFieldValue(value)) throw RequestRefused.bad("the value of a header has control characters");
            fields.add(new RequestHead.Field(line.substring(0, colon), value));
        }
        return fields;
    }

    private static void checkHost(RequestHead head) throws RequestRefused {
        var hosts = head.all("Host");
        if (hosts.size() > 1) throw RequestRefused.bad("more than one Host header");
        if (hosts.isEmpty() && head.http11()) throw RequestRefused.bad("HTTP/1.1 needs a Host header");
        if (!hosts.isEmpty() && !Ascii.isAuthority(hosts.getFirst()))
            throw RequestRefused.bad("the Host header has no valid host");
    }

    /** Checks that only one reading of the body's length is possible (RFC 9112, section 6.3). */
    private static void checkLength(RequestHead head) throws RequestRefused {
        var lengths = head.all("Content-Length");
        var chunked = !head.all("Transfer-Encoding").isEmpty();
        if (!lengths.isEmpty() && !lengths.stream().allMatch(lengths.getFirst()::equals))
            throw RequestRefused.bad("Content-Length has several different values");
        if (!lengths.isEmpty() && (!Ascii.isNumber(lengths.getFirst()) || lengths.getFirst().length() > MAX_DIGITS))
            throw RequestRefused.bad("Content-Length is not a number of bytes");
        if (chunked && (!lengths.isEmpty() || !head.http11()))
            throw RequestRefused.bad("Transfer-Encoding cannot be combined with Content-Length or HTTP/1.0");
    }
}
