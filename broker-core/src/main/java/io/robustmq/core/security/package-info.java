/**
 * Who may do what: principals are authorised at every entry.
 */
@NullMarked
package io.robustmq.core.security;

import org.jspecify.annotations.NullMarked;
