/*
 * The devices of a case, and the attempt that the verdict is about.  Where
 * there are several devices nothing is said of one that another one told.
 * Relies on model.h and correlate/device.h.
 */
#include "report/model.h"

#include "correlate/attempt.h"
#include "correlate/device.h"

/* The attempt that the verdict is about, else the last that failed. */
static const struct row_attempt *
attempt_chosen(const struct model *model)
{
	const struct finding		*cause = model->verdict->cause;
	const struct row_attempt	*row, *chosen = NULL;
	const struct item		*item;
	size_t				 i;

	item = cause == NULL || cause->item == NULL ? NULL :
	    item_up(cause->item, ITEM_ATTEMPT);
	for (i = 0; item != NULL && i < model->attempts.n; i++) {
		row = model->attempts.v[i];
		/* A wrong clock may be seen in one that did not fail. */
		if (row->at == item && (str_is(row->outcome, "failed") ||
		    cause->rule->kind != RULE_CAUSE))
			return row;
	}
	for (i = 0; i < model->attempts.n; i++) {
		row = model->attempts.v[i];
		if (str_is(row->outcome, "failed") &&
		    (chosen == NULL || chosen->time == ABSENT ||
		    (row->time != ABSENT && row->time >= chosen->time)))
			chosen = row;
	}
	return chosen;
}

static struct row_device *
device_row(struct model *model, int64_t number)
{
	struct row_device	*row;
	size_t			 i;

	for (i = 0; i < model->devices.n; i++) {
		row = model->devices.v[i];
		if (row->number == number)
			return row;
	}
	row = arena_alloc(ev_arena(model->ev), sizeof(*row));
	row->number = number;
	list_add(ev_arena(model->ev), &model->devices, row);
	return row;
}

static void
value_add(struct model *model, struct list *list, struct str s)
{
	struct arena	*arena = ev_arena(model->ev);

	if (!str_empty(s))
		list_add_text(arena, list, arena_text(arena, s.p, s.n));
}

static void
attempt_add(struct model *model, const struct row_attempt *row)
{
	struct row_device	*device = device_row(model, row->device);

	if (str_empty(device->vendor))
		device->vendor = row->vendor;
	if (str_empty(device->tpm_version))
		device->tpm_version = row->tpm_version;
	if (row->last)
		device->outcome = row->outcome;
	value_add(model, &device->firmware, row->firmware);
	value_add(model, &device->windows_build, row->windows_build);
	value_add(model, &device->hosts, row->host);
}

/* All that the case tells, where it is of one device. */
static void
device_gather(struct model *model)
{
	struct evidence		*ev = model->ev;
	struct device		*device = &model->device;
	const struct item	*item;

	/* Where several say something, the first one that does. */
	for (item = ev_first(ev, ITEM_DEVICE); item != NULL;
	    item = item->next) {
		if (str_empty(device->vendor))
			device->vendor = item_show(ev, item, &device_vendor);
		if (str_empty(device->firmware))
			device->firmware = item_show(ev, item,
			    &device_firmware);
		if (str_empty(device->tpm_version))
			device->tpm_version = item_show(ev, item,
			    &device_tpm_version);
		if (str_empty(device->windows_build))
			device->windows_build = item_show(ev, item,
			    &device_windows_build);
		/* A hint is better than nothing. */
		if (str_empty(device->windows_build))
			device->windows_build = item_show(ev, item,
			    &device_client_build);
	}
}

/* Of several devices the one that the verdict is about, and no other. */
static void
device_pick(struct model *model)
{
	const struct row_attempt	*chosen = model->chosen;
	const struct item		*item;

	for (item = ev_first(model->ev, ITEM_DEVICE); item != NULL &&
	    str_empty(model->escalation.windows_build); item = item->next)
		model->escalation.windows_build = item_show(model->ev, item,
		    &device_windows_build);
	if (chosen == NULL)
		return;
	model->device.vendor = chosen->vendor;
	model->device.firmware = chosen->firmware;
	model->device.tpm_version = chosen->tpm_version;
	model->device.windows_build = chosen->windows_build;
}

void
model_devices(struct model *model)
{
	struct device	*device = &model->device;
	size_t		 i;

	model->chosen = attempt_chosen(model);
	for (i = 0; i < model->attempts.n; i++)
		attempt_add(model, model->attempts.v[i]);
	if (model->devices.n > 1)
		device_pick(model);
	else
		device_gather(model);
	device->clock_skew_s = ABSENT;
	for (i = model->attempts.n; i > 0 && device->clock_skew_s == ABSENT;
	    i--) {
		const struct row_attempt *row = model->attempts.v[i - 1];

		if (model->devices.n > 1 && (model->chosen == NULL ||
		    row->device != model->chosen->device))
			continue;
		device->clock_skew_s = item_count(row->at, &clock_skew);
	}
	if (device->clock_skew_s == ABSENT)
		device->clock_skew_s = item_count(ev_case(model->ev),
		    &clock_skew);
}
