package io.robustmq.e2e.nemesis.report;

import io.robustmq.e2e.nemesis.history.Event;
import io.robustmq.e2e.nemesis.history.Event.Disturbed;
import io.robustmq.e2e.nemesis.history.Event.GivenUp;
import io.robustmq.e2e.nemesis.history.Event.Unanswered;
import io.robustmq.e2e.nemesis.history.Violation;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The page: violations, faults in time, what each kind of client got done meanwhile, and how long it had to wait. */
public final class HtmlReport {
    private static final int WIDTH = 1100;
    private static final int HEIGHT = 60;
    private static final String STYLE = "body{font:14px sans-serif;max-width:1140px;margin:20px"
            + " auto;color:#222}table{border-collapse:collapse;margin:10px 0}td,th{border:1px solid #ccc;padding:3px"
            + " 8px;text-align:right}"
            + "td:first-child,th:first-child{text-align:left}svg{display:block;background:#fafafa;margin-bottom:6px}"
            + ".bad{background:#fdd;padding:8px}.good{background:#dfd;padding:8px}pre{white-space:pre-wrap}";

    private final List<Event> history;
    private final List<Violation> violations;
    private final List<Disturbed> faults;
    private final List<Series> series;
    private final long until;
    private final StringBuilder page = new StringBuilder();

    private HtmlReport(List<Event> history, List<Violation> violations) {
        this.history = history;
        this.violations = violations;
        faults = history.stream()
                .filter(Disturbed.class::isInstance)
                .map(Disturbed.class::cast)
                .toList();
        series = Series.of(history);
        until = history.stream().mapToLong(Event::at).max().orElse(0) + 1;
    }

    public static String of(String title, String where, List<Event> history, List<Violation> violations) {
        return new HtmlReport(history, violations).page(title, where);
    }

    private String page(String title, String where) {
        page.append("<!doctype html><meta charset=utf-8><title>").append(escape(title));
        page.append("</title><style>").append(STYLE).append("</style><h1>").append(escape(title));
        page.append("</h1><p>").append(escape(where)).append("</p>");
        violations();
        page.append("<h2>In time</h2>");
        faultBars();
        series.forEach(this::chart);
        totals();
        pauses();
        return page.toString();
    }

    private void violations() {
        if (violations.isEmpty()) {
            page.append("<p class=good>Nothing that was promised was broken.</p>");
            return;
        }
        page.append("<div class=bad><b>Violations</b><pre>");
        violations.forEach(each -> page.append(escape(each.toString())).append('\n'));
        page.append("</pre></div>");
    }

    private double x(long at) {
        return (double) at * WIDTH / until;
    }

    private void faultBars() {
        int rows = 3;
        page.append("<svg width=")
                .append(WIDTH)
                .append(" height=")
                .append(rows * 18)
                .append('>');
        for (int i = 0; i < faults.size(); i++) {
            Disturbed each = faults.get(i);
            int y = i % rows * 18;
            shade(each, y, 16, "#f6b26b");
            page.append(String.format(
                    Locale.ROOT,
                    "<text x=%.1f y=%d font-size=10>%s</text>",
                    x(each.at()) + 2,
                    y + 12,
                    escape(each.what())));
        }
        page.append("</svg>");
    }

    private void shade(Disturbed fault, int y, int height, String colour) {
        double width = Math.max(1, x(fault.until()) - x(fault.at()));
        page.append(String.format(
                Locale.ROOT,
                "<rect x=%.1f y=%d width=%.1f height=%d fill='%s'/>",
                x(fault.at()),
                y,
                width,
                height,
                colour));
    }

    /** Bars: how many in each second; line: the longest that was waited for. */
    private void chart(Series one) {
        int[] counts = one.perSecond(until);
        int most = Math.max(1, Arrays.stream(counts).max().orElse(1));
        long[] worst = one.worstPerSecond(until);
        long longest = Math.max(1, Arrays.stream(worst).max().orElse(1));
        page.append("<svg width=")
                .append(WIDTH)
                .append(" height=")
                .append(HEIGHT + 16)
                .append('>');
        faults.forEach(each -> shade(each, 16, HEIGHT, "#fce5cd"));
        for (int second = 0; second < counts.length; second++) {
            double height = (double) counts[second] * HEIGHT / most;
            page.append(String.format(
                    Locale.ROOT,
                    "<rect x=%.1f y=%.1f width=%.1f height=%.1f fill='#6fa8dc'/>",
                    x(second * 1000L),
                    16 + HEIGHT - height,
                    Math.max(0.5, x(1000) - 0.5),
                    height));
        }
        if (!one.took().isEmpty()) {
            page.append("<polyline fill=none stroke='#a61c00' points='");
            for (int second = 0; second < worst.length; second++) {
                page.append(String.format(
                        Locale.ROOT,
                        "%.1f,%.1f ",
                        x(second * 1000L + 500),
                        16 + HEIGHT - (double) worst[second] * HEIGHT / longest));
            }
            page.append("'/>");
        }
        page.append("<text x=2 y=12 font-size=11>")
                .append(escape(one.name()))
                .append(", at most ")
                .append(most);
        page.append(" in a second");
        if (!one.took().isEmpty()) {
            page.append(", line: longest wait, at most ").append(longest).append(" ms");
        }
        page.append("</text></svg>");
    }

    private void totals() {
        page.append("<h2>In all</h2><table><tr><th><th>number<th>per second<th>wait: half<th>99 %<th>longest, ms");
        for (Series each : series) {
            page.append(String.format(
                    Locale.ROOT,
                    "<tr><td>%s<td>%d<td>%.0f<td>%d<td>%d<td>%d",
                    escape(each.name()),
                    each.at().size(),
                    each.at().size() * 1000.0 / until,
                    each.tookAt(0.5),
                    each.tookAt(0.99),
                    each.tookAt(1)));
        }
        long unanswered = history.stream()
                .filter(each -> each instanceof Unanswered || each instanceof GivenUp)
                .count();
        page.append("</table><p>Writes that were not acknowledged: ")
                .append(unanswered)
                .append("</p>");
    }

    /** From a fault to the next one. */
    private void pauses() {
        page.append("<h2>The longest time without a word, ms</h2><table><tr><th>");
        series.forEach(each -> page.append("<th>").append(escape(each.name())));
        for (int i = 0; i < faults.size(); i++) {
            Disturbed fault = faults.get(i);
            long end = i + 1 < faults.size() ? faults.get(i + 1).at() : Math.min(until, fault.until() + 5_000);
            page.append("<tr><td>").append(escape(fault.what()));
            series.forEach(each -> page.append("<td>").append(each.longestPause(fault.at(), end)));
        }
        page.append("</table>");
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
