import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { keptCopy } from "../phone/kept";
import type { CaseFilter } from "./documents";
import { Case, CaseClocks, CaseList, GridAt, GridSearch, Inbox, Me, Mechanisms, MyGrid, Organizations, Precedents, WorkItems } from "./documents";
import type { CaseDetail, InboxResult, MeResult } from "./documents";
import { request } from "./client";

const minute = 60_000;
export type Person = MeResult["me"];
export type InboxNode = InboxResult["inbox"]["nodes"][number];

/** Who is signed in. A phone without signal keeps working from the copy of the last answer. */
export const me = () => queryOptions({
  queryKey: ["me"], staleTime: 10 * minute, gcTime: Infinity, retry: false,
  queryFn: ({ signal }) => keptCopy("me", async () => (await request(Me, {}, signal)).me),
});
export const caseOf = (id: string) => queryOptions({
  queryKey: ["case", id], staleTime: 15_000,
  queryFn: async ({ signal }) => (await request(Case, { id }, signal)).case,
});
export const caseByNumber = async (number: string): Promise<CaseDetail | null> => (await request(Case, { number })).case;
export const clocksOf = (id: string, version: number) => queryOptions({
  queryKey: ["clocks", id, version], staleTime: minute,
  queryFn: async ({ signal }) => (await request(CaseClocks, { id }, signal)).case?.clocks ?? [],
});
export const inbox = (account: string) => infiniteQueryOptions({
  queryKey: ["inbox"], staleTime: 10_000, initialPageParam: null as string | null,
  queryFn: ({ pageParam, signal }) => {
    const ask = async () => (await request(Inbox, { first: 50, after: pageParam }, signal)).inbox;
    return pageParam === null ? keptCopy(`inbox:${account}`, ask) : ask();
  },
  getNextPageParam: (last) => (last.pageInfo.hasNextPage ? last.pageInfo.endCursor : undefined),
});
export const caseList = (filter: CaseFilter) => infiniteQueryOptions({
  queryKey: ["cases", filter], staleTime: 10_000, initialPageParam: null as string | null, placeholderData: keepPreviousData,
  queryFn: async ({ pageParam, signal }) => (await request(CaseList, { filter, first: 50, after: pageParam }, signal)).cases,
  getNextPageParam: (last) => (last.pageInfo.hasNextPage ? last.pageInfo.endCursor : undefined),
});
export const workItems = () => queryOptions({
  queryKey: ["work-items"], staleTime: 30 * minute, gcTime: Infinity,
  queryFn: ({ signal }) => keptCopy("work-items", async () => (await request(WorkItems, {}, signal)).workItems.nodes),
});
export const caseSearch = (text: string) => queryOptions({
  queryKey: ["cases", "search", text], staleTime: minute,
  queryFn: async ({ signal }) => (await request(CaseList, { filter: text ? { text } : null, first: 20 }, signal)).cases.nodes,
});
export const gridAt = (longitude: number, latitude: number) => queryOptions({
  queryKey: ["grid-at", longitude.toFixed(5), latitude.toFixed(5)], staleTime: 30 * minute, retry: false,
  queryFn: async ({ signal }) => (await request(GridAt, { longitude, latitude }, signal)).gridAt,
});
export const gridsUnder = (under: string) => queryOptions({
  queryKey: ["grids-under", under], staleTime: minute,
  queryFn: ({ signal }) => keptCopy(`grids:${under}`, async () => (await request(MyGrid, { under, first: 50 }, signal)).grids),
});
export const gridSearch = (text: string, level: number | null = null, under: string | null = null) => queryOptions({
  queryKey: ["grids", text, level, under], staleTime: minute,
  queryFn: async ({ signal }) => (await request(GridSearch, { text: text || null, level, under }, signal)).grids.nodes,
});
export const organizations = (kind: string | null, text: string | null, first = 50) => queryOptions({
  queryKey: ["organizations", kind, text, first], staleTime: 5 * minute,
  queryFn: async ({ signal }) => (await request(Organizations, { kind, text, first }, signal)).organizations.nodes,
});
export const precedents = (workItemCode: string) => queryOptions({
  queryKey: ["precedents", workItemCode], staleTime: minute,
  queryFn: async ({ signal }) => (await request(Precedents, { workItemCode }, signal)).precedents,
});
export const mechanisms = () => queryOptions({
  queryKey: ["mechanisms"], staleTime: 5 * minute,
  queryFn: async ({ signal }) => (await request(Mechanisms, {}, signal)).mechanisms,
});
