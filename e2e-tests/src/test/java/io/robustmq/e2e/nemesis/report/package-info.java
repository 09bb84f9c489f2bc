/** A page without anything from elsewhere that shows what happened in a run. Pure. Entry: {@link io.robustmq.e2e.nemesis.report.HtmlReport}. */
@NullMarked
package io.robustmq.e2e.nemesis.report;

import org.jspecify.annotations.NullMarked;
