/**
 * Users with their credentials, and what they may do: one model for all protocols, decided by the meta service. Any thread.
 * Entry: AclAuthorizer.
 */
@NullMarked
package io.robustmq.core.security;

import org.jspecify.annotations.NullMarked;
