/** Regular expressions that clients send. Pure. Entry: {@link io.robustmq.core.regex.ClientRegex}. */
@NullMarked
package io.robustmq.core.regex;

import org.jspecify.annotations.NullMarked;
